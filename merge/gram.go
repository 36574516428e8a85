package merge

import "math"

// A gram holds the inner products of the operands, or of their differences
// from the base: of the whole tensor, or for each of its rows or columns.
// Everything that the methods on the sphere need to know of the data is in it:
// norms, angles, and those of every linear combination.
type gram struct {
	size   int         // of the matrix: vectors
	groups [][]float64 // the upper triangle, row by row, for each group
}

// newGram makes a matrix for each of n groups of k vectors.
func newGram(k, n int) *gram {
	g := &gram{size: k, groups: make([][]float64, n)}
	data := make([]float64, n*k*(k+1)/2)
	for i := range g.groups {
		g.groups[i], data = data[:k*(k+1)/2:k*(k+1)/2], data[k*(k+1)/2:]
	}
	return g
}

// at returns the product of vectors i and j in the first group.
func (g *gram) at(i, j int) float64 { return g.in(0, i, j) }

func (g *gram) in(group, i, j int) float64 {
	if i > j {
		i, j = j, i
	}
	return g.groups[group][i*g.size-i*(i-1)/2+j-i]
}

// norm returns the length of vector i.
func (g *gram) norm(i int) float64 { return math.Sqrt(g.at(i, i)) }

// cosine returns the cosine of the angle between vectors i and j in a group; 0
// if one of them is shorter than least.
func (g *gram) cosine(group, i, j int, least float64) float64 {
	a, b := math.Sqrt(g.in(group, i, i)), math.Sqrt(g.in(group, j, j))
	if !(a > least) || !(b > least) {
		return 0
	}
	return max(-1, min(1, g.in(group, i, j)/a/b))
}

// product returns the inner product of two linear combinations.
func (g *gram) product(a, b []float64) (sum float64) {
	for i := range a {
		for j := range b {
			sum += float64(float64(a[i]*b[j]) * g.at(i, j))
		}
	}
	return sum
}

// length returns the norm of a linear combination.
func (g *gram) length(a []float64) float64 { return math.Sqrt(max(0, g.product(a, a))) }

// grouping says which elements form a vector.
type grouping int

const (
	whole grouping = iota
	byRow
	byColumn
)

// inner computes the inner products of the operands which; of their
// differences from the base if from is the base's index, or -1. The matrix of
// the whole tensor is computed once.
func (o *operands) inner(which []int, from int, by grouping) (*gram, error) {
	if by == whole && o.memory.gram != nil {
		return o.memory.gram, nil
	}
	groups, length := o.groups(by)
	total := newGram(len(which), groups)
	work := func(b *buffers, c chunk) (*gram, error) {
		return o.innerChunk(b, c, which, from, by, length)
	}
	if by == whole && from < 0 && len(which) == 2 && len(o.Operands) == 2 && o.plain() {
		work = o.innerPairs
	}
	err := fold(o, work, func(c chunk, part *gram) {
		first := 0
		if by == byRow {
			first = int(c.begin / length)
		}
		for i, values := range part.groups {
			for j, v := range values {
				total.groups[first+i][j] += v
			}
		}
	})
	if err == nil && by == whole {
		o.memory.gram = total
	}
	return total, err
}

// groups returns their number and the length of a row.
func (o *operands) groups(by grouping) (n int, row int64) {
	row = o.rowLength()
	switch by {
	case byRow:
		return int(o.Spec.Elements() / row), row
	case byColumn:
		return int(row), row
	}
	return 1, row
}

// innerChunk computes the products in a chunk: of the rows that are in it, or
// what it has of the columns.
func (o *operands) innerChunk(b *buffers, c chunk, which []int, from int, by grouping, row int64) (*gram, error) {
	groups := 1
	switch by {
	case byRow:
		groups = int((c.end - c.begin) / row)
	case byColumn:
		groups = int(row)
	}
	g := newGram(len(which), groups)
	read := which
	if from >= 0 {
		read = append([]int{from}, which...)
	}
	err := o.blocks(b, c, read, func(src [][]float64, at int64) error {
		if from >= 0 {
			subtract(src, 0)
			src = src[1:]
		}
		switch by {
		case whole:
			g.add(0, src)
		case byRow:
			g.addRows(src, at-c.begin, row)
		case byColumn:
			g.addColumns(src, at, row)
		}
		return nil
	})
	return g, err
}

func (o *operands) innerPairs(b *buffers, c chunk) (*gram, error) {
	g := newGram(2, 1)
	for at := c.begin; at < c.end; at += blockElements {
		n := 2 * min(c.end-at, blockElements)
		x, y := b.raws[0][:n], b.raws[1][:n]
		if err := o.readPair(x, y, at); err != nil {
			return nil, err
		}
		xx, xy, yy := dots(x, y)
		g.groups[0][0] += xx
		g.groups[0][1] += xy
		g.groups[0][2] += yy
	}
	return g, nil
}

// add adds the products of vectors of equal length to a group.
func (g *gram) add(group int, src [][]float64) {
	at := 0
	for i := range src {
		for j := i; j < len(src); j++ {
			g.groups[group][at] += dot(src[i], src[j])
			at++
		}
	}
}

// addRows takes a block that begins at element at of the group's rows apart.
func (g *gram) addRows(src [][]float64, at, row int64) {
	part := make([][]float64, len(src))
	for done := int64(0); done < int64(len(src[0])); {
		n := min(row-(at+done)%row, int64(len(src[0]))-done)
		for i := range src {
			part[i] = src[i][done : done+n]
		}
		g.add(int((at+done)/row), part)
		done += n
	}
}

// addColumns adds element by element, to the group of its column.
func (g *gram) addColumns(src [][]float64, at, row int64) {
	for e := range src[0] {
		group := g.groups[(at+int64(e))%row]
		k := 0
		for i := range src {
			for j := i; j < len(src); j++ {
				group[k] += float64(src[i][e] * src[j][e])
				k++
			}
		}
	}
}

// dot sums in four lanes, always the same way.
func dot(x, y []float64) float64 {
	var s [4]float64
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s[0] += float64(x[i] * y[i])
		s[1] += float64(x[i+1] * y[i+1])
		s[2] += float64(x[i+2] * y[i+2])
		s[3] += float64(x[i+3] * y[i+3])
	}
	for lane := 0; i < len(x); i, lane = i+1, lane+1 {
		s[lane] += float64(x[i] * y[i])
	}
	return sum4(s)
}
