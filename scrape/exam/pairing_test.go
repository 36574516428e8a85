package exam_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/exam"
)

// describe writes pairings as "subject < correction | alternatives" lines.
func describe(pairings []exam.Pairing) string {
	var lines []string
	name := func(f *exam.File) string {
		if f == nil {
			return "-"
		}
		return strings.TrimPrefix(f.Folder+"/"+f.Name, "/")
	}
	for _, p := range pairings {
		line := name(p.Subject) + " < " + name(p.Correction)
		for _, a := range p.Alternatives {
			line += " | " + name(&a)
		}
		for _, d := range p.Duplicates {
			line += " = " + name(&d)
		}
		if p.Reason != "" {
			line += " " + string(p.Reason)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestPairNames(t *testing.T) {
	tests := []struct{ files, want string }{
		{"m-2022-metropole-1-sujet-officiel.pdf m-2022-metropole-1-corrige.pdf m-2022-metropole-2-sujet.pdf",
			"m-2022-metropole-1-sujet-officiel.pdf < m-2022-metropole-1-corrige.pdf\nm-2022-metropole-2-sujet.pdf < - no_correction"},
		{"m-sujet.pdf m-corrige-officiel.pdf m-corrige.pdf", "m-sujet.pdf < m-corrige.pdf | m-corrige-officiel.pdf"},
		{"X_2023_Info_B_e.pdf X_2023_Info_B_cb.pdf X_2023_Info_B_ca.pdf X_2023_Info_B_d.pdf X_2023_Info_A_e.pdf",
			"X_2023_Info_A_e.pdf < - no_correction\nX_2023_Info_B_d.pdf < - other_document\nX_2023_Info_B_e.pdf < X_2023_Info_B_ca.pdf | X_2023_Info_B_cb.pdf"},
		{"P_e-3.pdf P_ca.pdf P_ea.pdf", "P_ea.pdf < P_ca.pdf = P_e-3.pdf"},
		{"DS06-Enonce-V4.pdf DS06-Corrige-V1.pdf DS07-Enonce-V1.pdf", "DS06-Enonce-V4.pdf < DS06-Corrige-V1.pdf\nDS07-Enonce-V1.pdf < - no_correction"},
		{"DM1.pdf DM1-corrige.pdf DM12.pdf DM12-corr.pdf TD_3.pdf TD_3_correction.pdf", "DM1.pdf < DM1-corrige.pdf\nDM12.pdf < DM12-corr.pdf\nTD_3.pdf < TD_3_correction.pdf"},
		{"DS7.pdf DS7corrige.pdf sujet1.pdf corrige1.pdf corrige2.pdf", "DS7.pdf < DS7corrige.pdf\n- < corrige2.pdf no_subject\nsujet1.pdf < corrige1.pdf"},
		{"%C3%89nonc%C3%A9_DS.pdf Corrige\u0301_DS.pdf", "%C3%89nonc%C3%A9_DS.pdf < Corrige\u0301_DS.pdf"},
		{"Spe_Asie_2030.tex Corrige_Spe_Asie_2030.tex", "Spe_Asie_2030.tex < Corrige_Spe_Asie_2030.tex"},
		{"sujets/2022/maths.pdf corriges/2022/maths.pdf", "sujets/2022/maths.pdf < corriges/2022/maths.pdf"},
		{"2022/DS1.pdf 2023/DS1-corrige.pdf", "2022/DS1.pdf < - no_correction\n- < 2023/DS1-corrige.pdf no_subject"},
		{"sujets/2022/m-sujet.pdf corriges/2022/m-corrige.pdf", "sujets/2022/m-sujet.pdf < corriges/2022/m-corrige.pdf"},
		{"DS6_sujet_v1.2.pdf DS6_solution_v1.pdf", "DS6_sujet_v1.2.pdf < DS6_solution_v1.pdf"},
		{"DM_05_sujet.pdf DM_05_solution.pdf X.pdf X-corr.pdf", "DM_05_sujet.pdf < DM_05_solution.pdf\nX.pdf < X-corr.pdf"},
		{"bac-2022-j1-sujet.pdf bac-2022-j2-corrige.pdf", "bac-2022-j1-sujet.pdf < - no_correction\n- < bac-2022-j2-corrige.pdf no_subject"},
		{"m-2022-sujet.pdf m-2023-corrige.pdf", "m-2022-sujet.pdf < - no_correction\n- < m-2023-corrige.pdf no_subject"},
		{"Enonce\u0301_DS3.pdf Corrigé_DS3.pdf", "Enonce\u0301_DS3.pdf < Corrigé_DS3.pdf"},
		{"CorrigeDS5.pdf DS5.pdf", "DS5.pdf < CorrigeDS5.pdf"},
		{"S0_NSI.pdf S0_NSI_elements_de_correction.pdf", "S0_NSI.pdf < S0_NSI_elements_de_correction.pdf"},
		{"CCINP_2023_MP_1.pdf CCINP_2023_MP_1_corrige_UPS.pdf CCINP_2023_MP_1_corrige.pdf", "CCINP_2023_MP_1.pdf < CCINP_2023_MP_1_corrige.pdf | CCINP_2023_MP_1_corrige_UPS.pdf"},
		{"DS4.pdf DS4-bis.pdf DS4-corrige.pdf", "DS4-bis.pdf < - no_correction\nDS4.pdf < DS4-corrige.pdf"},
		{"DS1-enonce.pdf DS1-corrige.pdf DS1-rapport.pdf", "DS1-enonce.pdf < DS1-corrige.pdf\nDS1-rapport.pdf < - no_correction"},
		{"d-sujet.pdf d-sujet.tex d-corrige.pdf d-corrige.tex", "d-sujet.tex < d-corrige.tex | d-corrige.pdf = d-sujet.pdf"},
		{"IMG/pdf/Spe_2030.pdf IMG/tex/Spe_2030.tex IMG/pdf/Corrige_Spe_2030.pdf IMG/tex/Corrige_Spe_2030.tex",
			"IMG/tex/Spe_2030.tex < IMG/tex/Corrige_Spe_2030.tex | IMG/pdf/Corrige_Spe_2030.pdf = IMG/pdf/Spe_2030.pdf"},
		{"sujets-corriges/a.pdf", "sujets-corriges/a.pdf < - no_correction"},
		{"a.pdf b.pdf", "a.pdf < - no_correction\nb.pdf < - no_correction"},
	}
	for _, tt := range tests {
		var files []exam.File
		for _, f := range strings.Fields(tt.files) {
			dir, base := "", f
			if i := strings.LastIndexByte(f, '/'); i >= 0 {
				dir, base = f[:i], f[i+1:]
			}
			files = append(files, exam.File{Name: base, Folder: dir})
		}
		if got := describe(exam.PairFiles(files)); got != tt.want {
			t.Errorf("PairFiles(%s)\n got %s\nwant %s", tt.files, got, tt.want)
		}
	}
}

func TestPairRules(t *testing.T) {
	tests := map[string]struct {
		files []exam.File
		want  string
	}{
		"row": {[]exam.File{
			{Name: "x17.pdf", Page: "p", Row: "4", LinkText: "Énoncé"}, {Name: "y.pdf", Page: "p", Row: "4", LinkText: "Le corrigé"},
			{Name: "z.pdf", Page: "p", Row: "5", LinkText: "Énoncé"},
		}, "x17.pdf < y.pdf\nz.pdf < - no_correction"},
		"two subjects in a row": {[]exam.File{
			{Name: "u.pdf", Page: "p", Row: "1", Role: exam.RoleSubject}, {Name: "v.pdf", Page: "p", Row: "1", Role: exam.RoleSubject},
			{Name: "w.pdf", Page: "p", Row: "1", Role: exam.RoleCorrection},
		}, "u.pdf < - ambiguous\nv.pdf < - ambiguous\n- < w.pdf ambiguous"},
		"key and rank": {[]exam.File{
			{Name: "a.pdf", Key: "k", Role: exam.RoleSubject}, {Name: "b.pdf", Key: "k", Role: exam.RoleCorrection, Rank: 1},
			{Name: "c.pdf", Key: "k", Role: exam.RoleCorrection},
		}, "a.pdf < c.pdf | b.pdf"},
		"years differ": {[]exam.File{
			{Name: "ds-sujet.pdf", Meta: map[string]string{"year": "2022"}}, {Name: "ds-corrige.pdf", Meta: map[string]string{"year": "2023"}},
		}, "- < ds-corrige.pdf no_subject\nds-sujet.pdf < - no_correction"},
		"copies": {[]exam.File{{Name: "X_e (1).pdf"}, {Name: "X_e.pdf"}, {Name: "X_ca.pdf"}}, "X_e.pdf < X_ca.pdf = X_e (1).pdf"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := describe(exam.PairFiles(tt.files)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestPairSharedFiles pairs the real files by name and compares with their
// manifest.
func TestPairSharedFiles(t *testing.T) {
	manifest := readManifest(t)
	var files []exam.File
	for _, m := range manifest {
		files = append(files, exam.File{Name: m.file})
	}
	got := make(map[string]string)
	for _, p := range exam.PairFiles(files) {
		if p.Reason == "" {
			got[p.Subject.Name] = p.Correction.Name
		}
	}
	for _, m := range manifest {
		if m.role == "subject" && got[m.file] != m.partner {
			t.Errorf("%s is paired with %q, want %q", m.file, got[m.file], m.partner)
		}
	}
}

// manifestRow is a line of the shared manifest.
type manifestRow struct{ file, role, subject, partner string }

func readManifest(t testing.TB) []manifestRow {
	t.Helper()
	data, err := os.ReadFile(shared(t, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []manifestRow
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		f := append(strings.Split(strings.TrimRight(line, "\r"), "\t"), make([]string, 10)...)
		rows = append(rows, manifestRow{f[0], f[1], f[2], f[9]})
	}
	return rows
}

// TestPairAnyOrder checks that the order of files does not matter and that
// every file comes out once.
func TestPairAnyOrder(t *testing.T) {
	var files []exam.File
	for i := range 40 {
		role := []string{"sujet", "corrige", "corrige-officiel", "", "V2-enonce"}[i%5]
		files = append(files, exam.File{Name: fmt.Sprintf("ds%d-%s.pdf", i/7, role), Folder: fmt.Sprint(i % 2)})
	}
	want := describe(exam.PairFiles(files))
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		pairings := exam.PairFiles(files)
		if got := describe(pairings); got != want {
			t.Fatalf("order changed the result:\n%s\n---\n%s", got, want)
		}
		if n := countFiles(pairings); n != len(files) {
			t.Fatalf("%d files came out, want %d", n, len(files))
		}
	}
}

func countFiles(pairings []exam.Pairing) (n int) {
	for _, p := range pairings {
		n += len(p.Alternatives) + len(p.Duplicates)
		for _, f := range []*exam.File{p.Subject, p.Correction} {
			if f != nil {
				n++
			}
		}
	}
	return n
}

func FuzzPairFiles(f *testing.F) {
	f.Add("DS06-Enonce-V4.pdf\nDS06-Corrige-V1.pdf", "row")
	f.Add("X_e.pdf\nX_ca.pdf\nX_e (1).pdf\n%zz_c-1.pdf", "")
	f.Fuzz(func(t *testing.T, names, row string) {
		var files []exam.File
		for _, n := range strings.Split(names, "\n") {
			files = append(files, exam.File{Name: n, Row: row})
		}
		if n := countFiles(exam.PairFiles(files)); n != len(files) {
			t.Errorf("%d files came out of %d", n, len(files))
		}
	})
}
