package exam_test
import ("testing";"fmt";"github.com/kurakurai/luth/scrape/exam")
func TestDbgOutline(t *testing.T) {
 for _, f := range []string{"TD4_distances_normes_fermes_adherence-corrige.pdf","MATH1302_TD8_c.pdf","MATH1302_TD8_e.pdf"} {
  fmt.Println(outlineOf(exam.ParseOutline(extract(t, shared(t, f)))))}
}
