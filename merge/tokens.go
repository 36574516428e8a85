package merge

import "strings"

// readTokenizer reads tokenizer_source, or tokenizer with its tokens.
func (c *reader) readTokenizer(doc *node) *TokenizerChoice {
	short, long := doc.get("tokenizer_source"), doc.get("tokenizer")
	if short != nil && short.kind == nothing {
		short = nil
	}
	if long != nil && long.kind == nothing {
		long = nil
	}
	switch {
	case short != nil && long != nil:
		c.wrong(long.line, "tokenizer and tokenizer_source exclude each other")
		return nil
	case short != nil:
		t := &TokenizerChoice{Line: short.line}
		c.readTokenizerSource(t, short)
		return t
	case long == nil || !c.keys(long, "tokenizer", []string{"source", "tokens", "pad_to_multiple_of"}):
		return nil
	}
	t := &TokenizerChoice{Line: long.line, Source: "union"}
	if source := long.get("source"); source != nil {
		c.readTokenizerSource(t, source)
	}
	if pad := long.get("pad_to_multiple_of"); pad != nil && pad.kind != nothing {
		if pad.kind != number || pad.number < 1 || pad.number > 1<<20 || pad.number != float64(int(pad.number)) {
			c.wrong(pad.line, "pad_to_multiple_of must be a whole number from 1 to %d, not %s", 1<<20, describe(pad))
		} else {
			t.PadTo = int(pad.number)
		}
	}
	tokens := long.get("tokens")
	if tokens == nil || tokens.kind == nothing {
		return t
	}
	if tokens.kind != mapping {
		c.wrong(tokens.line, "tokens must be a mapping from tokens to where their embeddings come from")
		return t
	}
	for i := range tokens.entries {
		t.Tokens = append(t.Tokens, c.readToken(&tokens.entries[i]))
	}
	return t
}

func (c *reader) readTokenizerSource(t *TokenizerChoice, n *node) {
	switch {
	case n.kind == text && (n.text == "union" || n.text == "base"):
		t.Source = n.text
	default:
		t.Source = "model"
		t.Model = c.optionalReference(n, "the tokenizer's source")
	}
}

// readToken reads one override: where the embedding comes from, and whether
// for all models.
func (c *reader) readToken(e *entry) TokenChoice {
	t := TokenChoice{Line: e.line, Token: e.key, ID: -1}
	n := &e.value
	if !c.keys(n, "an entry of tokens", []string{"source", "force"}) {
		return t
	}
	if force := n.get("force"); force != nil {
		if force.kind != boolean {
			c.wrong(force.line, "force must be true or false")
		}
		t.Force = force.flag
	}
	source := n.get("source")
	switch {
	case source == nil || source.kind == nothing:
	case source.kind != mapping || source.get("kind") == nil:
		t.Model = c.optionalReference(source, "the token's source")
		if source.kind == text && source.text == "zero" {
			c.note(source.line, "source: zero names a model; for an embedding of zeros write source: {kind: zero}")
		}
	case source.get("kind").text == "zero":
		c.keys(source, "the token's source", []string{"kind"})
		t.Zero = true
	case source.get("kind").text == "model_token":
		c.readModelToken(&t, source)
	default:
		c.wrong(source.line, "the kind of a token's source is model_token or zero, not %s", describe(source.get("kind")))
	}
	return t
}

func (c *reader) readModelToken(t *TokenChoice, source *node) {
	c.keys(source, "the token's source", []string{"kind", "model", "token", "token_id"})
	r := c.requiredReference(source, "the token's source")
	t.Model = &r
	name, id := source.get("token"), source.get("token_id")
	switch {
	case (name == nil) == (id == nil):
		c.wrong(source.line, "a model_token needs either token or token_id")
	case name != nil:
		t.From = c.text(name, "token")
	case id.kind != number || id.number < 0 || id.number > 1<<31-1 || id.number != float64(int(id.number)):
		c.wrong(id.line, "token_id must be a whole number, not %s", describe(id))
	default:
		t.ID = int(id.number)
	}
}

// chatTemplates are the templates a configuration can give by name. ChatML is
// OpenAI's plain format; others come with the models that use them.
var chatTemplates = map[string]string{
	"chatml": "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}" +
		"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
}

// readChatTemplate accepts "auto", a known name, or a template's text.
func (c *reader) readChatTemplate(n *node) string {
	t := c.text(n, "chat_template")
	switch {
	case t == "" || t == "auto":
		return t
	case chatTemplates[t] != "":
		return chatTemplates[t]
	case len(t) < 20 || !strings.Contains(t, "{"):
		c.wrong(n.line, "chat_template: %q is neither auto, chatml nor a Jinja template; paste the template of the model you mean", abridge(t))
	}
	return t
}
