package fidelity

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/instruction/ifevaltest"
)

func TestAnswerGates(t *testing.T) {
	prompt := "Expliquez en quelques phrases comment les abeilles fabriquent le miel, et pourquoi elles en ont besoin en hiver."
	good := "Les abeilles récoltent le nectar des fleurs, puis le déposent dans les alvéoles de la ruche. Elles le ventilent pour qu'il s'épaississe, et s'en nourrissent en hiver."
	tests := []struct{ prompt, answer, want string }{
		{prompt, good, ""},
		{prompt, "", "empty!"},
		{prompt, " \n\t", "empty!"},
		{prompt, "Les abeilles récoltent le nectar des fleurs.\n\nThen they bring it to the hive, where other bees dry it with their wings.", "language!"},
		{prompt, "The bees bring nectar to the hive, where other bees dry it with their wings.", "language!"},
		{prompt, "Les abeilles récoltent le nectar 蜂蜜 des fleurs.", "language!"},
		{"Traduisez en anglais : « Les abeilles font du miel dans la ruche. »", "Voici la traduction : The bees make honey in the hive, and they eat it all winter long.", "lang_bound"},
		{prompt, "On dit : « The bees bring the nectar to the hive and dry it with their wings. » C'est la ventilation du miel par les abeilles de la ruche.", ""},
		// truncated
		{prompt, good[:strings.Index(good, " en hiver")] + " en hiver, quand les", "truncated!"},
		{prompt, "Les abeilles récoltent le nectar,", "truncated!"},
		{prompt, "Les abeilles récoltent le nectar pour l'", "truncated!"},
		{prompt, "Voici les étapes :", "truncated!"},
		{prompt, "On a la formule suivante : $x = \\frac{1}{2", "formula!"},
		{prompt, "Voici le programme.\n```python\nfor i in range(3):\n    print(i)", "truncated! fence!"},
		{prompt, "Les abeilles récoltent le nectar des fleurs puis elles le rapportent dans les alvéoles de la ruche où il épaissit lentem", "truncated"},
		{prompt, "# Les abeilles\n\n- récolter le nectar\n- le ventiler\n- le stocker pour l'hiver", ""},
		{prompt, "Les abeilles récoltent le nectar.\n\nCordialement,\nJeanne Martin", ""},
		{prompt, "Réponse : 42", ""},
		{prompt, "C'est dit.\n\n---", ""},
		{prompt, "On obtient $x = 2$", ""},
		{prompt, "C'est fini !\n```sh\nls\n```", ""},
		// repetition
		{prompt, strings.Repeat("Les abeilles font du miel. ", 12), "repetition!"},
		{prompt, strings.Repeat("bla ", 40) + "fin.", "repetition!"},
		{"Répétez cinq fois : je range ma chambre.", strings.Repeat("Je range ma chambre. ", 5), ""},
		{prompt, "Calcul du tableau :\n```\n" + strings.Repeat("0 0 0 0\n", 80) + "```\nC'est tout.", ""},
		// refusals and disclaimers
		{prompt, "Je suis désolé, mais je ne peux pas répondre à cette question.", "refusal!"},
		{prompt, "Je suis désolé, mais je n’ai pas cette information.", "refusal!"},
		{prompt, "Désolé, je ne peux pas vous aider.", "refusal!"},
		{prompt, "I'm sorry, but I can't help with that.", "refusal!"},
		{prompt, good + " L'abeille répond : « Je ne peux pas vous aider. »", ""},
		{prompt, "En tant qu'intelligence artificielle, je n'ai pas de ruche, mais les abeilles en ont une.", "disclaimer!"},
		{prompt, "En tant que modèle de langage, je n’ai pas d’avis.", "disclaimer!"},
		{"En tant qu'IA, que pensez-vous des abeilles ?", "En tant qu'IA, je n'ai pas d'avis sur les abeilles.", ""},
		{prompt, "Un modèle de langage apprend à prédire des mots.", ""},
		// echo
		{prompt, prompt, "echo!"},
		{prompt, strings.ToUpper(prompt) + "\n\n" + good, "echo!"},
		{prompt + " Soyez bref.", prompt, "echo!"},
		{"Répétez la question, puis répondez-y : " + prompt, "Répétez la question, puis répondez-y : " + prompt + " " + good, ""},
		// thinking
		{prompt, "<think>\nVoyons.\n</think>\n" + good, "wrapper!"},
		{prompt, good + "</think>", "wrapper!"},
		// fences and LaTeX
		{prompt, "Voici :\n```\nx\n\nEt voilà la suite du texte.", "truncated! fence!"},
		{prompt, "On a $x = 1 et donc rien.", "formula!"},
		{prompt, "On a $\\frac{1}{2$ et donc rien.", "formula!"},
		{prompt, "On a $\\left( x$ et donc rien.", "formula!"},
		{prompt, "On paie 5 $ ou $10 pour un pot.", ""},
		// escapes
		{prompt, "On a $\frac{1}{2}$ et donc rien.", "escape!"},
		{prompt, "On a $\theta = 1$ et donc rien.", "escape!"},
		{prompt, "On a $a\neq b$ et donc rien.", "escape!"},
		{prompt, "On a \frac{1}{2} et donc rien.", "escape!"},
		{prompt, "On a $$\nu_n = 1\n$$ et donc rien.", ""},
		{prompt, "\tOn a $$\nx = 1\n$$ et donc rien.\r\n", ""},
	}
	for _, test := range tests {
		if got := Answer(test.prompt, test.answer, Options{}); gates(got) != test.want {
			t.Errorf("%.70q\n got %+v\nwant %q", test.answer, got, test.want)
		}
	}
	if got := Answer(prompt, "\n<think>\nLet us see what the bees do in the hive.\n</think>\n\n"+good, Options{Thinking: true}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	if got := Answer(prompt, "<think>\nVoyons", Options{Thinking: true}); gates(got) != "wrapper!" {
		t.Errorf("%+v", got)
	}
}

// TestAnswersOfModels asks about answers that six models gave to M-IFEval, in
// shared/data. Two of the models answer well: what the gates reject of theirs
// was read, and is rightly rejected. A model of half a billion weights loops,
// drifts and breaks off.
func TestAnswersOfModels(t *testing.T) {
	prompts := map[int]string{}
	ifevaltest.Rows(t, "mifeval_fr_input_data.jsonl", func(p ifevaltest.Prompt) { prompts[p.Key] = p.Text })
	answers, rejected := map[string]int{}, map[string]int{}
	byGate := map[string]map[string]int{}
	ifevaltest.Rows(t, "mifeval_fr_outputs_verdicts.jsonl.gz", func(r ifevaltest.Response) {
		model := r.Model
		answers[model]++
		findings := Answer(prompts[r.Key], r.Text, Options{})
		if Rejects(findings) {
			rejected[model]++
		}
		for _, f := range findings {
			if byGate[model] == nil {
				byGate[model] = map[string]int{}
			}
			byGate[model][gates([]Finding{f})]++
		}
	})
	for model, n := range answers {
		t.Logf("%-40s rejects %3d of %d: %v", model, rejected[model], n, byGate[model])
	}
	for _, model := range []string{"gpt-4o-2024-08-06", "claude-3-haiku-20240307"} {
		if rejected[model] > 3 {
			t.Errorf("rejects %d answers of %s", rejected[model], model)
		}
	}
	if rejected["Qwen__Qwen2.5-0.5B-Instruct-GPTQ-Int4"] < 100 {
		t.Errorf("rejects %v", rejected)
	}
}
