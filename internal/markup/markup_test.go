package markup

import (
	"strings"
	"testing"
)

// show writes spans as kind(text) with a ! behind those that do not close;
// prose stands for itself.
func show(spans []Span) string {
	letters := [...]string{"", "F", "B", "C", "U", "E", "P", "T"}
	var b strings.Builder
	for _, s := range spans {
		if s.Kind == Prose {
			b.WriteString(s.Text)
			continue
		}
		b.WriteString(letters[s.Kind] + "(" + s.Text + ")")
		if !s.Closed {
			b.WriteString("!")
		}
	}
	return b.String()
}

func TestSpans(t *testing.T) {
	tests := []struct{ text, want string }{
		// dollars
		{`Soit $f(x)=2$ et $y$.`, `Soit F($f(x)=2$) et F($y$).`},
		{`It costs $5 and then $10 more.`, `It costs $5 and then $10 more.`},
		{`I have $5 and you have 10$.`, `I have $5 and you have 10$.`},
		{`From $1.50 to $2.`, `From $1.50 to $2.`},
		{`$2 billion, $3M or $4k`, `$2 billion, $3M or $4k`},
		{`Cela coûte 5 $ ou 10 $.`, `Cela coûte 5 $ ou 10 $.`},
		{`From $100-$200 or $5/hour, up to $100.`, `From $100-$200 or $5/hour, up to $100.`},
		{`100$-200$, 5$, 10$ et 15$ ; 100 $-200 $`, `100$-200$, 5$, 10$ et 15$ ; 100 $-200 $`},
		{`2$x$ et 3$\pi$`, `2F($x$) et 3F($\pi$)`},
		{`$2x + 1$ and $3$.`, `F($2x + 1$) and F($3$).`},
		{`$5 \text{ km}$`, `F($5 \text{ km}$)`},
		{`$ x^2 + 1 $ et $ y $`, `F($ x^2 + 1 $) et $ y $`},
		{`$x$2`, `F($)!x$2`},
		{`a $$x + 1$$ b`, `a F($$x + 1$$) b`},
		{"$$\nx\n\ny\n$$", "F($$\nx\n\ny\n$$)"},
		{`On a $x = 1 donc y.`, `On a F($)!x = 1 donc y.`},
		{"On a $x = 1\n\ndonc $y$.", "On a F($)!x = 1\n\ndonc F($y$)."},
		{`$HOME/bin:$PATH et $x$`, `$HOME/bin:$PATH et F($x$)`},
		{`un \$ et $a\$b$`, `un \$ et F($a\$b$)`},
		{`$f(x) = \text{if $x>0$ then } 1$ fin`, `F($f(x) = \text{if $x>0$ then } 1$) fin`},
		{`les dollars ($) et le $`, `les dollars ($) et le $`},
		// brackets and environments
		{`\(a\) et \[b\]`, `F(\(a\)) et F(\[b\])`},
		{`\\[2pt] \(a`, `\\[2pt] F(\()!a`},
		{`\begin{align}x\end{align}.`, `F(\begin{align}x\end{align}).`},
		{`\begin{a}\begin{a}x\end{a}\end{a}y`, `F(\begin{a}\begin{a}x\end{a}\end{a})y`},
		{`\begin{a}\begin{b}x\end{b}`, `F(\begin{a})!F(\begin{b}x\end{b})`},
		{`\begin{a`, `F(\begin{)!a`},
		// code
		{"a `b` c", "a C(`b`) c"},
		{"a ``b ` c`` d", "a C(``b ` c``) d"},
		{"un ` seul", "un ` seul"},
		{"l`a\n\nb`c", "l`a\n\nb`c"},
		{"```go title=\"x\"\nx := `a`\n```\nfin", "B(```go title=\"x\"\nx := `a`\n```)\nfin"},
		{"````md\n```\na\n```\n````\nb", "B(````md\n```\na\n```\n````)\nb"},
		{"~~~\n$x$\n~~~\n$y$", "B(~~~\n$x$\n~~~)\nF($y$)"},
		{"1. étape\n   ```sh\n   ls\n   ```\nfin", "1. étape\n   B(```sh\n   ls\n   ```)\nfin"},
		{"> ```\n> a\n> ```\nb", "> B(```\n> a\n> ```)\nb"},
		{"```\nsans fin $x$", "B(```\nsans fin $x$)!"},
		{"Voici : ```py\nx\n\ny\n``` fin", "Voici : B(```py\nx\n\ny\n```) fin"},
		{"```x``` en ligne", "C(```x```) en ligne"},
		{"```\na\n```b\nc\n```\nd", "B(```\na\n```b\nc\n```)\nd"},
		{"~~barré~~", "~~barré~~"},
		// addresses
		{`Voir https://a.b/c?d=e&f#g.`, `Voir U(https://a.b/c?d=e&f#g).`},
		{`(https://fr.wikipedia.org/wiki/Fonction_(math))`, `(U(https://fr.wikipedia.org/wiki/Fonction_(math)))`},
		{`[lien](https://a.b) et <http://c.d>, www.e.fr !`, `[lien](U(https://a.b)) et <U(http://c.d)>, U(www.e.fr) !`},
		{`« https://a.b/é » et HTTP://A.B`, `« U(https://a.b/é) » et U(HTTP://A.B)`},
		{`**https://a.b**`, `**U(https://a.b)**`},
		{`http:// rien, xhttp://a, std::string, 3:30`, `http:// rien, xhttp://a, std::string, 3:30`},
		{`Écrire à jean.dupont+x@mail.example.fr.`, `Écrire à E(jean.dupont+x@mail.example.fr).`},
		{`mailto:a@b.org, @nom, a@b, x@y.z`, `mailto:E(a@b.org), @nom, a@b, x@y.z`},
		// placeholders and tags
		{`Bonjour {name}, {{ city }} et ${user}`, `Bonjour P({name}), P({{ city }}) et P(${user})`},
		{`{0} {x:.2f} {prénom} {1, 2} {a b}`, `P({0}) P({x:.2f}) P({prénom}) {1, 2} {a b}`},
		{`\frac{a}{b} x_{n} f{x}`, `\frac{a}{b} x_{n} f{x}`},
		{`[address], [Your Name], [ ], [x], [1], [0, 1]`, `P([address]), P([Your Name]), [ ], [x], [1], [0, 1]`},
		{`[texte](b) [a][b] ![img](c) t[abc]`, `[texte](b) [a][b] ![img](c) t[abc]`},
		{`<b>gras</b> <br/> <a href="x>y">z</a> <!-- <c> -->`, `T(<b>)grasT(</b>) T(<br/>) T(<a href="x>y">)zT(</a>) T(<!-- <c> -->)`},
		{`<your name> a < b > c x<y and z>w <<titre>> a<-b`, `P(<your name>) a < b > c x<y and z>w <<titre>> a<-b`},
		{`%s, %d, %5.2f, %(name)s; 20%, 50 %de, 100%s`, `P(%s), P(%d), P(%5.2f), P(%(name)s); 20%, 50 %de, 100%s`},
	}
	for _, test := range tests {
		if got := show(Spans(test.text)); got != test.want {
			t.Errorf("%q\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

// hostile are texts that make a careless scanner look at the same bytes again
// and again.
var hostile = []string{
	"$", "$$", "$a", "$ ", "$a$1", `\(`, `\[`, `\begin{a}`, `\begin{a}\begin{b}`, `\end{a}`, "`", "``a`", "```a`", "\n```a\n````", "~~~", "\n ~~~~a\n",
	"<a ", "<!--", "<a href='", "{{a", "{a", "[a b ", "%(", "a@", "a.", "https://(", "www.", " ", "> ", `$\text{$ $}`, `\text{$`, "a`b``c```", "\n\n$x", "://", "-->", `\`,
}

// TestSpansAreLinear does not come to its end with a scanner that is not.
func TestSpansAreLinear(t *testing.T) {
	for _, piece := range hostile {
		text := strings.Repeat(piece, 1<<20/len(piece))
		check(t, text)
	}
	for _, name := range []string{`\begin{%}`, "`%"} { // a name or a length of its own each time
		var b strings.Builder
		for i := 0; b.Len() < 1<<20; i++ {
			b.WriteString(strings.ReplaceAll(name, "%", strings.Repeat("`", i%97)+string(rune('a'+i%26))))
		}
		check(t, b.String())
	}
}

// check reports what is wrong with the pieces of a text.
func check(t *testing.T, text string) {
	t.Helper()
	var b strings.Builder
	last := Formula
	for _, s := range Spans(text) {
		if s.Text == "" || s.Kind == Prose && last == Prose || s.Kind > Tag {
			t.Errorf("%.60q: piece %v %.60q after %v", text, s.Kind, s.Text, last)
		}
		last = s.Kind
		b.WriteString(s.Text)
	}
	if b.String() != text {
		t.Errorf("%.60q became %.60q", text, b.String())
	}
}

func FuzzSpans(f *testing.F) {
	for _, piece := range hostile {
		f.Add(piece + piece)
	}
	f.Add("Soit $x$, `a` https://a.b/(c) a@b.fr {n} [n n] <b> %s\n```go\nx\n```\n\\begin{a}\\end{a}\xff")
	f.Fuzz(check)
}

func BenchmarkSpans(b *testing.B) {
	prose := strings.Repeat("La fonction est croissante sur l'intervalle, donc son maximum est atteint au bord : on conclut avec le théorème. ", 30)
	texts := []struct{ name, text string }{
		{"prose", prose},
		{"mathematics", strings.Repeat(`On a $u_{n+1} = 0,9u_n + 150$, et \(u_0 = 800\), donc $\dfrac{u_n}{2} \leqslant 750$. `, 40)},
		{"markdown", strings.Repeat("- **Point** : utiliser `f(x)` ou [le site](https://a.b/c) ;\n```py\nx = 1\n```\n", 40)},
	}
	for _, test := range texts {
		b.Run(test.name, func(b *testing.B) {
			b.SetBytes(int64(len(test.text)))
			var spans []Span
			for b.Loop() {
				spans = AppendSpans(spans[:0], test.text)
			}
		})
	}
}

func words(text string) string {
	var all []string
	for at, w := range Words(text) {
		if !strings.HasPrefix(text[at:], w) {
			all = append(all, "misplaced:")
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

func TestWords(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Soit $f$ la fonction `g(x)` ; cf. https://a.fr/the : sin x = 2e, l'aire \\alpha \\[x\\] peut-on ?\n```\nfor i in x\n```", "Soit la fonction cf l'aire peut-on"},
		{"« Bonjour », dit-il à {name} (n°2).", "Bonjour dit-il"},
		{"def seuil(n):\nreturn n + 1\nOn a donc\nx = 2 y\nu[i] += a b\nfrom math import sqrt\nSELECT titre FROM t\nafficher(le total)", "On donc"},
		{"le total (en euros)\nfrom here on\nif you can\n", "le total en euros from here on if you can"},
		{"été e\u0301te\u0301 10 km/h", "été e\u0301te\u0301 km"},
	}
	for _, test := range tests {
		if got := words(test.text); got != test.want {
			t.Errorf("%q\n got %q\nwant %q", test.text, got, test.want)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Soit $x$ l'aire\nx = 2\n\xff e\u0301")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(words(text), ":") {
			t.Errorf("%q: %q", text, words(text))
		}
	})
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("La fonction est croissante sur l'intervalle, donc son maximum est atteint au bord : on conclut avec le théorème.\n", 30)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for range Words(text) {
		}
	}
}

func TestUnbalanced(t *testing.T) {
	tests := []struct{ formula, want string }{
		{`$\frac{1}{2}$`, ""}, {`$\{x\}$`, ""}, {`\left( x \right]`, ""}, {`\leftarrow`, ""}, {`\begin{a}\begin{b}\end{b}\end{a}`, ""}, {`a\\b`, ""}, {`\left\{x\right.`, ""},
		{`$\frac{1}{2$`, "braces"}, {`}{`, "braces"}, {`\left( x`, `\left and \right`}, {`\begin{a}\end{b}`, "environments"}, {`\begin{a}`, "environments"}, {`\end{a}`, "environments"},
	}
	for _, test := range tests {
		if got := Unbalanced(test.formula); got != test.want {
			t.Errorf("%q: %q, want %q", test.formula, got, test.want)
		}
	}
}

func FuzzUnbalanced(f *testing.F) {
	f.Add(`\begin{a}\left{\end{a}`)
	f.Fuzz(func(_ *testing.T, formula string) { Unbalanced(formula) })
}
