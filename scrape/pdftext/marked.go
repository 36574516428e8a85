package pdftext

import "regexp"

var furnitureTag = regexp.MustCompile(`/(Pagination|Header|Footer|Watermark)\b`)

// beginMarked notes whether a marked-content sequence is a running header, a
// footer or a watermark (PDF 32000-1:2008, section 14.8.2.2).
func (in *interpreter) beginMarked(op string) {
	is := false
	if op == "BDC" && len(in.operands) >= 2 && string(in.operands[0].bytes) == "Artifact" {
		is = furnitureTag.Match(in.operands[1].bytes)
	}
	if is {
		in.furniture++
	}
	if len(in.marked) < maxStates {
		in.marked = append(in.marked, is)
	}
}

func (in *interpreter) endMarked() {
	n := len(in.marked)
	if n == 0 {
		return
	}
	if in.marked[n-1] {
		in.furniture--
	}
	in.marked = in.marked[:n-1]
}
