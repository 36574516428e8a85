package merge

import (
	"fmt"
	"math"
	"slices"
)

// A Parameter is something a method can be told.
type Parameter struct {
	Name     string
	PerModel bool    // may differ between models, and stand under one
	Required bool    // has no default
	Bool     bool    // is true or false, held as 1 or 0
	Default  float64 // NaN: none given
	Min, Max float64 // inclusive
	Doc      string
}

// A Method is one way to make one tensor of several.
type Method struct {
	Name       string
	Doc        string // one sentence
	Source     string // where the mathematics stands
	Base       basePolicy
	Min, Max   int // number of models beside the base; Max 0 is no limit
	Random     bool
	Parameters []Parameter

	// prepare looks at the data of one tensor, as often as it needs to, and
	// returns the formula of its elements.
	prepare func(*operands) (formula, error)
}

type basePolicy int

const (
	baseIsModel  basePolicy = iota // a base_model is a model like the others
	baseOptional                   // one base_model, if there is one, is the origin
	baseRequired
)

var any64 = math.Inf(1)

func weightParameter(doc string) Parameter {
	return Parameter{Name: "weight", PerModel: true, Required: true, Min: -any64, Max: any64, Doc: doc}
}

func flagParameter(name string, value bool, doc string) Parameter {
	return Parameter{Name: name, Bool: true, Default: number01(value), Max: 1, Doc: doc}
}

func number01(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// taskParameters are those of the task arithmetic family.
func taskParameters(normalize, rescale bool, more ...Parameter) []Parameter {
	return slices.Concat([]Parameter{
		weightParameter("factor of the model's difference from the base"),
		{Name: "density", PerModel: true, Default: 1, Max: 1, Doc: "share of the difference that is kept"},
		flagParameter("normalize", normalize, "divide by the sum of the weights"),
		flagParameter("rescale", rescale, "make up for what was dropped"),
		{Name: "lambda", Default: 1, Min: -any64, Max: any64, Doc: "factor of the merged difference"},
		flagParameter("int8_mask", false, "no effect; masks take no memory here"),
	}, more)
}

var (
	gammaParameter   = Parameter{Name: "gamma", PerModel: true, Default: .01, Max: 1, Doc: "share of the largest differences that is dropped"}
	epsilonParameter = Parameter{Name: "epsilon", PerModel: true, Default: .15, Max: .5, Doc: "half the spread of the probabilities around density"}
	ramEpsilon       = Parameter{Name: "epsilon", Default: 1e-5, Max: any64, Doc: "differences up to this count as none"}
)

// Methods are all methods, in the order of the documentation.
var Methods = []Method{
	{
		Name: "linear", Doc: "Weighted average.", Source: "arXiv:2203.05482", Min: 1,
		Parameters: []Parameter{
			weightParameter("share of the model"),
			flagParameter("normalize", true, "divide by the sum of the weights"),
		},
		prepare: prepareLinear,
	},
	{
		Name: "slerp", Doc: "Along the great circle between the base (t = 0) and one model (t = 1); a straight line where they are nearly parallel.",
		Source: "Shoemake 1985", Base: baseRequired, Min: 1, Max: 1,
		Parameters: []Parameter{{Name: "t", Required: true, Max: 1, Doc: "place between base_model (0) and the other model (1)"}},
		prepare:    prepareSlerp,
	},
	{
		Name: "nuslerp", Doc: "Slerp of two models by weights, of their differences when there is a base.", Source: "mergekit", Base: baseOptional, Min: 2, Max: 2,
		Parameters: []Parameter{
			weightParameter("share of the model; the weights are divided by their sum"),
			flagParameter("nuslerp_flatten", true, "one angle for the tensor, not one for each row or column"),
			flagParameter("nuslerp_row_wise", false, "without flatten: an angle for each column (the name is mergekit's)"),
		},
		prepare: prepareNuslerp,
	},
	{
		Name: "multislerp", Doc: "Weighted mean on the sphere, through the tangent space at the mean.", Source: "mergekit", Base: baseOptional, Min: 1,
		Parameters: []Parameter{
			weightParameter("share of the model"),
			flagParameter("normalize_weights", true, "divide the weights by their sum"),
			{Name: "eps", Default: 1e-8, Max: 1, Doc: "smallest norm"},
		},
		prepare: prepareMultislerp,
	},
	{
		Name: "karcher", Doc: "Riemannian mean on the sphere, all models alike.", Source: "Karcher 1977; arXiv:2603.04972", Min: 1,
		Parameters: []Parameter{
			{Name: "max_iter", Default: 10, Min: 1, Max: 10000, Doc: "steps at most"},
			{Name: "tol", Default: 1e-5, Max: 1, Doc: "length of the step that ends the search"},
		},
		prepare: prepareKarcher,
	},
	{
		Name: "task_arithmetic", Doc: "Base plus weighted differences from it.", Source: "arXiv:2212.04089", Base: baseRequired,
		Parameters: taskParameters(false, false), prepare: taskVectors(keepAll, false),
	},
	{
		Name: "ties", Doc: "The largest differences, those that agree in sign.", Source: "arXiv:2306.01708", Base: baseRequired,
		Parameters: taskParameters(true, false), prepare: taskVectors(keepLargest, true),
	},
	{
		Name: "dare_linear", Doc: "Differences dropped at random.", Source: "arXiv:2311.03099", Base: baseRequired, Random: true,
		Parameters: taskParameters(false, true), prepare: taskVectors(keepRandom, false),
	},
	{
		Name: "dare_ties", Doc: "Differences dropped at random, those that agree in sign.", Source: "arXiv:2311.03099", Base: baseRequired, Random: true,
		Parameters: taskParameters(false, true), prepare: taskVectors(keepRandom, true),
	},
	{
		Name: "della", Doc: "Differences dropped at random, small ones more often, those that agree in sign.", Source: "arXiv:2406.11617", Base: baseRequired, Random: true,
		Parameters: taskParameters(true, true, epsilonParameter), prepare: taskVectors(keepRanked, true),
	},
	{
		Name: "della_linear", Doc: "Differences dropped at random, small ones more often.", Source: "arXiv:2406.11617", Base: baseRequired, Random: true,
		Parameters: taskParameters(false, true, epsilonParameter), prepare: taskVectors(keepRanked, false),
	},
	{
		Name: "breadcrumbs", Doc: "Differences neither among the smallest nor among the largest.", Source: "arXiv:2312.06795", Base: baseRequired,
		Parameters: taskParameters(false, false, gammaParameter), prepare: taskVectors(keepMiddle, false),
	},
	{
		Name: "breadcrumbs_ties", Doc: "Differences neither among the smallest nor among the largest, those that agree in sign.", Source: "arXiv:2312.06795", Base: baseRequired,
		Parameters: taskParameters(false, false, gammaParameter), prepare: taskVectors(keepMiddle, true),
	},
	{
		Name: "model_stock", Doc: "Between the base and the average, by the angle between the differences.", Source: "arXiv:2403.19522", Base: baseRequired, Min: 2,
		Parameters: []Parameter{flagParameter("filter_wise", false, "an angle for each row")},
		prepare:    prepareModelStock,
	},
	{
		Name: "sce", Doc: "The differences that vary most between models, weighted by their energy, those that agree in sign.", Source: "arXiv:2408.07990", Base: baseRequired,
		Parameters: []Parameter{
			{Name: "select_topk", Default: 1, Max: 1, Doc: "share of the varying elements that is kept"},
			flagParameter("int8_mask", false, "no effect; masks take no memory here"),
		},
		prepare: prepareSCE,
	},
	{
		Name: "nearswap", Doc: "The base, moved towards the model where they are already near.", Source: "mergekit", Base: baseRequired, Min: 1, Max: 1,
		Parameters: []Parameter{{Name: "t", Required: true, Max: any64, Doc: "distance up to which the model's value is taken"}},
		prepare:    prepareNearswap,
	},
	{
		Name: "ram", Doc: "Differences of one model whole, shared ones averaged.", Source: "arXiv:2601.13572", Base: baseRequired,
		Parameters: []Parameter{ramEpsilon}, prepare: prepareRAM,
	},
	{
		Name: "ramplus_tl", Doc: "As ram, with a model's own differences made larger the more it shares.", Source: "arXiv:2601.13572", Base: baseRequired,
		Parameters: []Parameter{
			ramEpsilon,
			{Name: "r", Default: .1, Min: -any64, Max: any64, Doc: "gain for each shared element over each own one"},
			{Name: "alpha", Default: .2, Max: any64, Doc: "largest ratio that counts"},
		},
		prepare: prepareRAMPlus,
	},
	{
		Name: "arcee_fusion", Doc: "The model's elements that matter most, the base elsewhere.", Source: "mergekit", Base: baseRequired, Min: 1, Max: 1,
		prepare: prepareFusion,
	},
	{
		Name: "passthrough", Doc: "One model's tensor as it is, or times a factor; for stacking layers.", Source: "mergekit", Min: 1, Max: 1,
		Parameters: []Parameter{{Name: "scale", PerModel: true, Default: math.NaN(), Min: -any64, Max: any64, Doc: "factor"}},
		prepare:    preparePassthrough,
	},
}

// methodNames are the names a configuration may give.
func methodNames() []string {
	names := make([]string, len(Methods))
	for i, m := range Methods {
		names[i] = m.Name
	}
	return names
}

// methodNamed returns nil when there is none.
func methodNamed(name string) *Method {
	for i := range Methods {
		if Methods[i].Name == name {
			return &Methods[i]
		}
	}
	return nil
}

func (m *Method) parameter(name string) *Parameter {
	for i := range m.Parameters {
		if m.Parameters[i].Name == name {
			return &m.Parameters[i]
		}
	}
	return nil
}

// names of the parameters; only those a model may have if perModel.
func (m *Method) names(perModel bool) (names []string) {
	for _, p := range m.Parameters {
		if p.PerModel || !perModel {
			names = append(names, p.Name)
		}
	}
	return names
}

// checkCount says whether the method can work with n models beside the base.
func (m *Method) checkCount(n int) error {
	switch {
	case m.Max > 0 && m.Max == m.Min && n != m.Max:
		return fmt.Errorf("%s takes exactly %d %s beside the base, and there are %d", m.Name, m.Max, plural(m.Max, "model"), n)
	case n < max(m.Min, 1):
		return fmt.Errorf("%s needs at least %d %s beside the base, and there are %d", m.Name, max(m.Min, 1), plural(m.Min, "model"), n)
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
