package translate

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/llm"
)

func diagnosed(t *testing.T, options fakellm.Options) Diagnosis {
	t.Helper()
	web := httptest.NewServer(fakellm.New(options))
	t.Cleanup(web.Close)
	e, err := llm.ParseEndpoint(web.URL, "", 8)
	if err != nil {
		t.Fatal(err)
	}
	d, err := diagnose(t.Context(), e, doctorOptions{levels: []int{1, 4}, seconds: 0.1, timeout: 10 * time.Second, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Only a refusal of the length shows that long prompts are not cut.
func TestDoctorKnowsWhyALongPromptFails(t *testing.T) {
	if d := diagnosed(t, fakellm.Options{Context: 4096}); d.verdict("long prompts") != Honoured {
		t.Errorf("%+v", d.Probes)
	}
	script, err := fakellm.ParseScript("500=1")
	if err != nil {
		t.Fatal(err)
	}
	broken := diagnosed(t, fakellm.Options{Context: 4096, Script: script})
	if v := broken.verdict("long prompts"); v != Unclear {
		t.Errorf("a server that always fails: long prompts %s", v)
	}
}

// A server with which no stage can work is a failure.
func TestDoctorFailsWhenNoStageCanWork(t *testing.T) {
	for ignored, fails := range map[string]bool{"": false, "enable_thinking,json_schema,structured_outputs": true} {
		web := httptest.NewServer(fakellm.New(fakellm.Options{Thinks: true, Context: 4096, Ignores: strings.Split(ignored, ",")}))
		cmd := newDoctorCommand()
		cmd.SetArgs([]string{web.URL, "--seconds", "0"})
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		err := cmd.ExecuteContext(t.Context())
		web.Close()
		if (exit.Code(err) == exit.Failed) != fails || fails && !strings.Contains(err.Error(), "no stage can work") {
			t.Errorf("%q ignored: %v", ignored, err)
		}
	}
}

func TestDoctorFindsWhatIsIgnored(t *testing.T) {
	healthy := diagnosed(t, fakellm.Options{Thinks: true, Context: 4096})
	for _, p := range healthy.Probes {
		if p.Verdict == Ignored || p.Verdict == Refused {
			t.Errorf("a healthy server: %+v", p)
		}
	}
	for _, s := range healthy.Stages {
		if !s.Can {
			t.Errorf("a healthy server: %+v", s)
		}
	}
	if len(healthy.Speeds) != 2 || healthy.Speeds[1].Requests == 0 || healthy.Speeds[1].TokensSecond <= 0 {
		t.Errorf("%+v", healthy.Speeds)
	}
	features := map[string]string{"temperature": "temperature 0", "enable_thinking": "thinking switch", "json_schema": "json_schema",
		"structured_outputs": "structured_outputs", "logprobs": "logprobs", "prompt_logprobs": "prompt_logprobs", "echo": "echo"}
	for ignored, probe := range features {
		d := diagnosed(t, fakellm.Options{Thinks: true, Context: 4096, Ignores: []string{ignored}})
		if v := d.verdict(probe); v != Ignored {
			t.Errorf("%s is ignored, the doctor says %s is %s", ignored, probe, v)
		}
	}
	deaf := diagnosed(t, fakellm.Options{Thinks: true, Ignores: []string{"enable_thinking", "json_schema", "structured_outputs"}})
	for _, s := range deaf.Stages {
		if s.Can {
			t.Errorf("%s can work with a server that ignores everything", s.Stage)
		}
	}
	var b strings.Builder
	if err := deaf.print(&b); err != nil || !strings.Contains(b.String(), "thinking switch is ignored") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
