package pdftext

// maxThickness is how thick a line may be, in points, to be a rule.
const maxThickness = 2.0

// pathOperator follows straight paths and keeps those that paint rules.
func (in *interpreter) pathOperator(op string) {
	switch op {
	case "m":
		in.at = [2]float64{in.num(0), in.num(1)}
	case "l":
		x, y := in.num(0), in.num(1)
		in.addPath(in.at[0], in.at[1], x, y)
		in.at = [2]float64{x, y}
	case "re":
		x, y := in.num(0), in.num(1)
		in.addPath(x, y, x+in.num(2), y+in.num(3))
	case "f", "F", "f*", "B", "B*", "b", "b*", "S", "s":
		if len(in.rules)+len(in.path) <= maxRules {
			in.rules = append(in.rules, in.path...)
		}
		in.path = in.path[:0]
		in.paints++
	case "n":
		in.path = in.path[:0]
	}
}

func (in *interpreter) addPath(x0, y0, x1, y1 float64) {
	x0, y0 = in.ctm.apply(x0, y0)
	x1, y1 = in.ctm.apply(x1, y1)
	r := newRule(x0, y0, x1, y1)
	if (r.x1-r.x0 <= maxThickness || r.y1-r.y0 <= maxThickness) && len(in.path) < maxRules {
		in.path = append(in.path, r)
	}
}

// image notes a picture, which fills the unit square. A thin one is a rule: so
// dvips draws them.
func (in *interpreter) image() {
	x0, y0 := in.ctm.apply(0, 0)
	x1, y1 := in.ctm.apply(1, 1)
	r := newRule(x0, y0, x1, y1)
	if min(r.x1-r.x0, r.y1-r.y0) > maxThickness || max(r.x1-r.x0, r.y1-r.y0) < minBar {
		in.images++
		in.picture = max(in.picture, (r.x1-r.x0)*(r.y1-r.y0))
	} else if len(in.rules) < maxRules {
		in.rules = append(in.rules, r)
	}
}
