package exam_test
import ("testing";"os";"strconv";"math/rand/v2";"fmt";"strings";"github.com/kurakurai/luth/scrape/exam")
func dump(n *exam.Node,d int){for _,c:=range n.Children{t:=strings.ReplaceAll(c.Text,"\n","⏎");if len(t)>60{t=t[:40]+"…"+t[len(t)-18:]};fmt.Printf("%s%s | %s\n",strings.Repeat("  ",d),c.Label,t);dump(c,d+1)}}
func TestDbg(t *testing.T){ seed,_:=strconv.Atoi(os.Getenv("SEED"))
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		p := newPaper(r)
		s := randomStyle(r)
		s.repeats = false
		s.announced = r.IntN(4) == 0
		s.through = s.announced || r.IntN(3) == 0
		for _, q := range p.leaves { q.skipped = r.IntN(25) == 0 }
		subject, correction := &printer{r: r, s: s}, &printer{r: r, s: s.twin(r)}
		for _, top := range p.tops { subject.subject(top); correction.correction(top) }
		fmt.Printf("%+v\n%+v\n",s,correction.s)
		for _,w:=range []*printer{subject,correction}{ if os.Getenv("T")!=""{for _,l:=range w.lines{b:=" ";if l.Break{b="+"};fmt.Printf("%s%3.0f %.110s\n",b,l.X0,l.Text)}}; dump(exam.ParseOutline(w.text()),0); fmt.Println("-----")}
}
