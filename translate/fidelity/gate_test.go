package fidelity

import (
	"strings"
	"testing"
)

func TestVerbatimGates(t *testing.T) {
	run(t, []translationTest{
		{"Call `f(x)` twice.", "Appelez `f(x)` deux fois.", ""},
		{"Call `f(x)` twice.", "Appelez `f(y)` deux fois.", "code!"},
		{"Use `a` and `a`.", "Utilisez `a`.", "code!"},
		{"Run:\n```go\nfmt.Println(\"hi\")\n```\nDone.", "Exécutez :\n```go\nfmt.Println(\"hi\")\n```\nTerminé.", ""},
		{"Run:\n```go\nfmt.Println(\"hi\")\n```", "Exécutez :\n```go\nfmt.Println(\"salut\")\n```", "code!"},
		{"See https://a.org/x(y) or write to a.b@c.org.", "Voir https://a.org/x(y) ou écrire à a.b@c.org.", ""},
		{"See https://a.org/en/x.", "Voir https://a.org/fr/x.", "address!"},
		{"Write to bob@mail.org now.", "Écrivez à robert@mail.org maintenant.", "address!"},
		{"Dear {name}, your order %s from [shop] is <b>ready</b>.", "Cher {name}, votre commande %s de [shop] est <b>prête</b>.", ""},
		{"Dear {name}, your order is ready.", "Cher {nom}, votre commande est prête.", "placeholder!"},
		{"Fill in [address] and <date>.", "Complétez [adresse] et <date>.", "placeholder!"},
		{"Wrap the title as <<title>>.", "Mettez le titre sous la forme <<titre>>.", ""},
		{"- [ ] first task\n- [x] second task", "- [ ] première tâche\n- [x] deuxième tâche", ""},
	})
}

func TestFormulaGate(t *testing.T) {
	same := [][2]string{
		{`$\dfrac{1}{2}$`, `$\frac12$`}, {`$x^2$`, `\(x^{2}\)`}, {`$\left(\frac{a}{b}\right)$`, `$(\frac{a}{b})$`}, {`$a \, b \quad c$`, `$a b c$`},
		{`$x \text{ if } y$`, `$x \text{ si } y$`}, {`$3.14$`, `$3{,}14$`}, {`$3.14$`, `$3,14$`}, {`$1,000$`, `$1000$`}, {`$1{,}000$`, `$1\,000$`}, {`$12,345,678.5$`, `$12\,345\,678{,}5$`},
		{`$(0,1)$`, `$]0,1[$`}, {`$(0,1)$`, `$]0 ; 1[$`}, {`$[0,1)$`, `$[0;1[$`}, {`$x \in (0, \infty)$`, `$x \in ]0 ; +\infty[$`}, {`$(-\infty, 2]$`, `$]-\infty ; 2]$`}, {`$(a,b)$`, `$(a ; b)$`},
		{`$f(1, 2)$`, `$f(1, 2)$`}, {`$f(1, 2)$`, `$f(1 ; 2)$`}, {`$\gcd(a,b)$`, `$\mathrm{pgcd}(a,b)$`}, {`$\operatorname{lcm}(4, 6)$`, `$\operatorname{ppcm}(4, 6)$`}, {`$\tan x$`, `$\tg x$`},
		{`$a \leq b$`, `$a \leqslant b$`}, {`$a \neq b$`, `$a \ne b$`}, {`$\mathbb{R}$`, `$\R$`}, {`$3 \cdot 4$`, `$3 \times 4$`}, {`$x = 2.$`, `$x = 2$`}, {`$$x$$`, `\[x\]`}, {`$x\%$`, `$x \%$`},
		{`\begin{align*}a&=b\end{align*}`, `\begin{align}a&=b\end{align}`}, {`$\vec{u}$`, `$\overrightarrow{u}$`}, {`$A_{n+1}$`, `$A_{ n + 1 }$`}, {`$\{1, 2, 3\}$`, `$\{1 ; 2 ; 3\}$`}, {`$0.5x$`, `$0,5x$`},
		{`$P(X \geq 1.5) = 0.25$`, `$P(X \geqslant 1,5) = 0,25$`}, {`$5\text{ km/h}$`, `$5\text{ km/h}$`}, {`$x≤1$`, `$x \le 1$`}, {`$[a,b]$`, `$[a ; b]$`}, {`$I = [0, 1) \cup (2, 3]$`, `$I = [0 ; 1[ \cup ]2 ; 3]$`},
	}
	for _, p := range same {
		run(t, []translationTest{{"Let " + p[0] + " be given.", "Soit " + p[1] + " donné.", ""}})
	}
	different := [][2]string{
		{`$x^2$`, `$x^3$`}, {`$\frac{a}{b}$`, `$\frac{b}{a}$`}, {`$3.14$`, `$314$`}, {`$1,000$`, `$1.000$`}, {`$(0,1)$`, `$[0,1]$`}, {`$[0,1)$`, `$]0;1]$`}, {`$a < b$`, `$a \le b$`}, {`$u \cdot v$`, `$u \times v$`},
		{`$\sin x$`, `$\cos x$`}, {`$x_1$`, `$x_2$`}, {`$\alpha$`, `$a$`}, {`$x + y$`, `$x - y$`}, {`$0.05$`, `$0,5$`}, {`$\sqrt{2}$`, `$\sqrt2+1$`}, {`$\pm\infty$`, `$\infty$`}, {`$x$ and $y$`, `$x$`}, {`$x$`, `$x$ et $y$`},
	}
	for _, p := range different {
		if got := Translation("Let "+p[0]+" be given.", "Soit "+p[1]+" donné.", Options{}); len(got) == 0 || got[0].Gate != GateFormula || !got[0].Reject {
			t.Errorf("%s and %s: %+v", p[0], p[1], got)
		}
	}
	run(t, []translationTest{
		{"Find $x$ such that $x^2=4$.", "Trouver $x$ tel que $x^2=4.", "formula! number"},
		{"Give \\(a\\) and \\[b\\].", "Donner $b$ et $a$.", ""},
	})
}

func TestNumberGate(t *testing.T) {
	run(t, []translationTest{
		{"1,234.56 and 7", "1\u202f234,56 et 7", ""},
		{"about 1,000,000 people", "environ 1\u00a0000\u00a0000 de personnes", ""},
		{"the 1st, 2nd and 3rd of 21", "le 1er, le 2e et le 3e sur 21", ""},
		{"in the 1990s", "dans les années 1990", ""},
		{"at 3:30 pm and 9 am", "à 15 h 30 et à 9 h", ""},
		{"at 12 pm sharp, at 3:00 p.m.", "à 12 h précises, à 15 h", ""},
		{"three apples and 2 pears", "3 pommes et deux poires", ""},
		{"twenty-one cards, 5 dice", "21 cartes, cinq dés", ""},
		{"the 19th century", "le XIXe siècle", ""},
		{"H2O and CO2, 3 atoms", "H2O et CO2, 3 atomes", ""},
		{"first of all, take one egg", "tout d'abord, prenez un œuf", ""},
		{"version 3.11 costs $5.99", "la version 3.11 coûte 5,99 $", ""},
		{"two thousand 5", "2005", "number"},
		{"2, 3 and 4", "2, 3 et 5", "number"},
		{"12.5 km", "125 km", "number"},
		{"pick 3 of them", "choisissez-en quelques-uns", "number"},
		{"pick some of them", "choisissez-en 3", "number"},
	})
}

func TestStructureGate(t *testing.T) {
	run(t, []translationTest{
		{"# Title\n\n- one thing\n- another thing\n\n1. First\n2. Second", "# Titre\n\n- une chose\n- une autre chose\n\n1. Premièrement\n2. Deuxièmement", ""},
		{"# Title\n\n- one thing\n- another thing", "# Titre\n\n- une chose et une autre chose", "structure"},
		{"| a | b |\n|---|---|\n| cat | dog |", "| a | b |\n|---|---|\n| chat | chien |", ""},
		{"| a | b |\n|---|---|\n| cat | dog |", "| a |\n|---|\n| chat |", "structure"},
		{"Choose:\nA. cat\nB. dog", "Choisissez :\nA. chat\nB. chien", ""},
		{"Choose:\n(A) cat\n(B) dog", "Choisissez :\n(A) chat\n(C) chien", "structure"},
		{"A dog is here.", "Un chien est ici.", ""},
	})
}

func TestLanguageGates(t *testing.T) {
	run(t, []translationTest{
		{"Explain how the photosynthesis of plants works and why it matters to all of us.", "Expliquez comment fonctionne la photosynthèse des plantes et pourquoi elle compte pour nous tous.", ""},
		{"Explain how the photosynthesis of plants works and why it matters to all of us.", "Explain how the photosynthesis of plants works and why it matters to all of us.", "language! copy!"},
		{"Explain how plants grow. Describe what they need to live and to bloom in the spring.", "Expliquez comment poussent les plantes.\n\nDescribe what they need to live and to bloom in the spring.", "language!"},
		{"Write a story about a cat.", "Write a story about a cat.", "copy!"},
		{"$x = 2$", "$x = 2$", ""},
		{"OK", "OK", ""},
		{"Compute $2+2$.", "Calculer $2+2$.", ""},
		{"Rewrite this English sentence in the past tense: \"The children walk to the school every day with their friends.\"", "Réécrivez cette phrase anglaise au passé : « The children walk to the school every day with their friends. »", "lang_bound"},
		{"Write an acrostic about a dog.", "Écrivez un acrostiche sur un chien.", "lang_bound"},
		{"List words that rhyme with \"dog\".", "Listez des mots qui riment avec « chien ».", "lang_bound"},
		{"Write a rhyming limerick about a dog that starts with the letter B.", "Écrivez un limerick rimé sur un chien, qui commence par la lettre B.", ""},
		{"Write an essay on \"The Old Man and the Sea, a story of the man who went out and did not give up\" for school.", "Rédigez un essai sur « The Old Man and the Sea, a story of the man who went out and did not give up » pour l'école, en respectant les consignes.", ""},
		{"Explain the rules of the game.", "Expliquez les 规则 du jeu.", "language!"},
		{"What does 规则 mean?", "Que signifie 规则 ?", ""},
	})
}

func TestLengthGates(t *testing.T) {
	source := "Describe the main steps of the water cycle, and say which of them you find the most important for life on Earth."
	target := "Décrivez les principales étapes du cycle de l'eau, et dites laquelle vous paraît la plus importante pour la vie sur Terre."
	run(t, []translationTest{
		{source, target, ""},
		{source, "Décrivez le cycle de l'eau et ses étapes, puis donnez la principale.", "length"},
		{source, "Décrivez le cycle de l'eau.", "length!"},
		{source, target + " " + strings.Repeat("Décrivez le cycle. ", 9), "length repetition!"},
		{strings.Repeat("Say the word again and again. ", 9), strings.Repeat("Dites le mot encore et encore. ", 9), ""},
		{"", "", "empty!"},
		{"Hello there.", " \n", "empty!"},
	})
	text := "Le cycle de l'eau commence par l'évaporation des océans, que chauffe le soleil. "
	if c := compression(text); c > 1.3 {
		t.Errorf("a sentence compresses %.2f times", c)
	}
	if c := compression(strings.Repeat(text, 10)); c < 5 {
		t.Errorf("ten times a sentence compresses %.2f times", c)
	}
}

func TestAnsweredGate(t *testing.T) {
	run(t, []translationTest{
		{"Write a poem about the sea.", "Écrivez un poème sur la mer.", ""},
		{"Write a poem about the sea.", "Voici un poème sur la mer :\n\nÔ mer aux flots d'azur…", "answered!"},
		{"What is the capital of France?", "Quelle est la capitale de la France ?", ""},
		{"What is the capital of France, and how many people live there today?", "La capitale de la France est Paris, qui compte environ deux millions d'habitants, tandis que son agglomération en compte plus de dix, ce qui en fait l'une des plus peuplées du continent européen.", "answered!"},
		{"Can you give me some tips to sleep better?", "Bien sûr ! Dormez dans le noir.", "answered!"},
		{"Here is a text. Summarize it.", "Voici un texte. Résumez-le.", ""},
		{"Of course, explain that to me.", "Bien sûr, expliquez-moi cela.", ""},
		{"List three benefits of walking every day.", "La marche :\n- renforce le cœur\n- détend\n- fait dormir", "structure answered!"},
		{"I have this function: `f`. Explain it to me.", "Voici ma fonction : `f`. Expliquez-la-moi.", ""},
		{"I need help with my garden.", "J'ai besoin d'aide pour mon jardin.", ""},
		{"Summarize the plot of the novel in two sentences.", "Résume l'intrigue du roman en deux phrases.", ""},
		{"Sure thing, said Bob.", "D'accord, dit Bob.", ""},
	})
}

func TestWrapperGate(t *testing.T) {
	run(t, []translationTest{
		{"Write a poem about the sea.", "Voici la traduction :\n\nÉcrivez un poème sur la mer.", "wrapper!"},
		{"Write a poem about the sea.", "<translation>Écrivez un poème sur la mer.</translation>", "wrapper! placeholder!"},
		{"Write a poem about the sea.", "<think>\n\n</think>\nÉcrivez un poème sur la mer.", "wrapper! placeholder!"},
		{"Is the translation of this text good?", "La traduction de ce texte est-elle bonne ?", "lang_bound"},
	})
	if got := Translation("Hi Bob.", "Salut Bob. END OF TASK", Options{Wrapper: []string{"end of task"}}); gates(got) != "wrapper!" {
		t.Errorf("%+v", got)
	}
}

func TestRegisterGate(t *testing.T) {
	run(t, []translationTest{
		{"Write your text and explain it.", "Écrivez votre texte et expliquez-le.", ""},
		{"Write your text; you can explain it.", "Écris ton texte ; vous pouvez l'expliquer, toi.", "register"},
		{"Tell your friend: \"You are late\", and say your name.", "Dites à votre ami : « Tu es en retard », et dites votre nom.", ""},
		{"Use your own tone.", "Adoptez votre propre ton.", ""},
	})
}
