package translate

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kurakurai/luth/translate/llm"
)

// Verdict is what a server does with a feature that it is asked for.
type Verdict string

// The verdicts. Ignored is the dangerous one: the server answers 200 and does
// something else.
const (
	Honoured Verdict = "honoured"
	Ignored  Verdict = "ignored"
	Refused  Verdict = "refused" // with an error
	Unclear  Verdict = "unclear"
)

// Probe is one feature and what the server did with it.
type Probe struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
}

// Speed is what a server does at one number of requests in flight.
type Speed struct {
	InFlight        int     `json:"in_flight"`
	Requests        int     `json:"requests"`
	Failed          int     `json:"failed"`
	RequestsSecond  float64 `json:"requests_per_second"`
	TokensSecond    float64 `json:"tokens_per_second"` // generated
	MedianLatencyMS int64   `json:"median_latency_ms"`
	P99LatencyMS    int64   `json:"p99_latency_ms"`
}

// StageVerdict tells whether a stage can work with a server.
type StageVerdict struct {
	Stage string `json:"stage"`
	Can   bool   `json:"can"`
	Why   string `json:"why"`
}

// Diagnosis is everything that the doctor found.
type Diagnosis struct {
	Host    string         `json:"host"`
	Server  string         `json:"server"` // kind, as it says of itself
	Model   string         `json:"model"`
	Models  []string       `json:"models"`
	Context int            `json:"context"` // tokens; 0 when the server does not say
	Probes  []Probe        `json:"probes"`
	Speeds  []Speed        `json:"speeds,omitempty"`
	Stages  []StageVerdict `json:"stages"`
}

// verdict returns that of one probe.
func (d Diagnosis) verdict(name string) Verdict {
	i := slices.IndexFunc(d.Probes, func(p Probe) bool { return p.Name == name })
	if i < 0 {
		return Unclear
	}
	return d.Probes[i].Verdict
}

// doctorOptions say how much is looked at.
type doctorOptions struct {
	model   string // the first that the server lists when empty
	levels  []int  // numbers of requests in flight that are timed
	seconds float64
	timeout time.Duration
	stderr  io.Writer
}

// diagnose asks a server everything that the stages rely on.
func diagnose(ctx context.Context, e *llm.Endpoint, o doctorOptions) (Diagnosis, error) {
	d := Diagnosis{Host: e.Host(), Models: []string{}}
	served, err := e.Models(ctx)
	if err != nil {
		return d, err
	}
	if len(served) == 0 {
		return d, fmt.Errorf("%s serves no model", e.Host())
	}
	chosen := served[0]
	for _, m := range served {
		d.Models = append(d.Models, m.ID)
		if m.ID == o.model {
			chosen = m
		}
	}
	if o.model != "" && chosen.ID != o.model {
		return d, fmt.Errorf("%s does not serve %q; it serves %v", e.Host(), o.model, d.Models)
	}
	d.Model, d.Server, d.Context = chosen.ID, chosen.OwnedBy, chosen.Context()
	p := prober{endpoint: e, model: d.Model, context: d.Context, timeout: o.timeout}
	for _, probe := range probes {
		fmt.Fprintf(o.stderr, "probe: %s\n", probe.name)
		verdict, detail := probe.run(ctx, p)
		if ctx.Err() != nil {
			return d, ctx.Err()
		}
		d.Probes = append(d.Probes, Probe{probe.name, verdict, strings.Join(strings.Fields(detail), " ")})
	}
	for _, level := range o.levels {
		fmt.Fprintf(o.stderr, "speed: %d in flight\n", level)
		d.Speeds = append(d.Speeds, p.speed(ctx, level, o.seconds))
		if ctx.Err() != nil {
			return d, ctx.Err()
		}
	}
	d.Stages = d.stages()
	return d, nil
}

// stages says what each stage can do with what the probes found.
func (d Diagnosis) stages() []StageVerdict {
	writes := d.needs("answer", "finish_reason", "thinking switch", "long prompts")
	schema := d.needs("answer", "temperature 0", "json_schema")
	judge := d.needs("answer", "temperature 0")
	if d.verdict("json_schema") != Honoured && d.verdict("structured_outputs") != Honoured {
		judge = append(judge, "neither json_schema nor structured_outputs is honoured: only --format plain, which takes exact answers alone")
	}
	scores := "verdicts with probabilities"
	if d.verdict("logprobs") != Honoured {
		scores = "verdicts without probabilities: no logprobs"
	}
	say := func(stage string, missing []string, good string) StageVerdict {
		if len(missing) > 0 {
			return StageVerdict{stage, false, strings.Join(missing, "; ")}
		}
		return StageVerdict{stage, true, good}
	}
	return []StageVerdict{
		say("prompts", writes, "all it needs"), say("regenerate", writes, "all it needs"),
		say("judge", judge, scores), say("extract", schema, "JSON by schema"), say("clean", writes, "all it needs"),
	}
}

// needs lists those of the features that are ignored or refused.
func (d Diagnosis) needs(names ...string) (missing []string) {
	for _, name := range names {
		if v := d.verdict(name); v == Ignored || v == Refused {
			missing = append(missing, fmt.Sprintf("%s is %s", name, v))
		}
	}
	return missing
}

func (d Diagnosis) print(w io.Writer) error {
	contextText := "not stated"
	if d.Context > 0 {
		contextText = fmt.Sprint(d.Context, " tokens")
	}
	fmt.Fprintf(w, "server   %s (%s)\nmodel    %s\ncontext  %s\n\n", d.Host, d.Server, d.Model, contextText)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "feature\tverdict\twhat was seen")
	for _, p := range d.Probes {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", p.Name, p.Verdict, p.Detail)
	}
	if len(d.Speeds) > 0 {
		fmt.Fprintln(tw, "\nin flight\trequests/s\ttokens/s\tmedian ms\tp99 ms\tfailed")
		for _, s := range d.Speeds {
			fmt.Fprintf(tw, "%d\t%.1f\t%.0f\t%d\t%d\t%d\n", s.InFlight, s.RequestsSecond, s.TokensSecond, s.MedianLatencyMS, s.P99LatencyMS, s.Failed)
		}
	}
	fmt.Fprintln(tw, "\nstage\tcan\twhy")
	for _, s := range d.Stages {
		can := "yes"
		if !s.Can {
			can = "no"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Stage, can, s.Why)
	}
	return tw.Flush()
}
