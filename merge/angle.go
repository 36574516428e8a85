package merge

import "math"

// The functions of package math may differ in the last bit between processors,
// for some are assembly and the compiler may fuse a product with a sum. These
// use only operations that IEEE 754 defines exactly, so that a merge has the
// same bytes everywhere. Their error is about one unit in the last place.

const (
	piHigh = 3.141592653589793
	piLow  = 1.2246467991473532e-16 // pi - piHigh
)

// sine returns the sine of x, |x| at most a few turns.
func sine(x float64) float64 {
	if turns := math.Floor(x/(2*piHigh) + .5); turns != 0 {
		x = (x - float64(turns*(2*piHigh))) - float64(turns*(2*piLow))
	}
	switch {
	case x < 0:
		return -sine(-x)
	case x > piHigh/2:
		x = (piHigh - x) + piLow
	}
	// The Taylor series up to x^23, from its end.
	square, sum := float64(x*x), 1.0
	for n := 22.0; n >= 2; n -= 2 {
		sum = 1 - float64(float64(square*sum)/(n*(n+1)))
	}
	return float64(x * sum)
}

func cosine(x float64) float64 { return sine((piHigh/2 - x) + piLow/2) }

// arccos returns the angle from 0 to pi whose cosine is c, -1 <= c <= 1.
func arccos(c float64) float64 {
	if c < 0 {
		return (piHigh - arccos(-c)) + piLow
	}
	// The sine of half the angle, and from it, by Newton's method, that half.
	s := math.Sqrt((1 - c) / 2)
	half := s + float64(float64(s*s)*s)/6
	for range 5 {
		half -= (sine(half) - s) / cosine(half)
	}
	return 2 * half
}
