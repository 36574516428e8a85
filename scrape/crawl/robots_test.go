package crawl

import (
	"strings"
	"testing"
	"time"
)

func TestParseRobots(t *testing.T) {
	tests := []struct {
		name, file string
		delay      time.Duration
		allowed    []string
		forbidden  []string
	}{
		{"empty", "", 0, []string{"/", "/x"}, nil},
		{"html", "<html><body>Not found: /</body></html>", 0, []string{"/"}, nil},
		{"all", "User-agent: *\nDisallow: /", 0, nil, []string{"/", "/x?y"}},
		{"star", "User-agent: *\nDisallow: *", 0, nil, []string{"/", "/x"}},
		{"ours wins", "User-agent: *\nDisallow: /\nUser-agent: luth/1.0\nDisallow: /a", 0, []string{"/b"}, []string{"/a", "/ab"}},
		{"groups join", "User-agent: LUTH\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: luth\nDisallow: /b", 0, []string{"/c"}, []string{"/a", "/b"}},
		{"shared group", "User-agent: other\nUser-agent: luth\nDisallow: /a", 0, []string{"/b"}, []string{"/a"}},
		{"empty disallow", "User-agent: luth\nDisallow:\nUser-agent: *\nDisallow: /", 0, []string{"/", "/x"}, nil},
		{"longest", "User-agent: *\nAllow: /p/ok\nDisallow: /p", 0, []string{"/p/ok/1", "/"}, []string{"/p", "/p/no"}},
		{"tie allows", "User-agent: *\nDisallow: /p\nAllow: /p", 0, []string{"/p"}, nil},
		{"wildcards", "User-agent: *\nDisallow: /*.php$\nDisallow: /a*b*c", 0, []string{"/x.php?y", "/x.phps", "/acb", "/z/axbxc"}, []string{"/x.php", "/a/x.php", "/axbxcx"}},
		{"octets", "User-agent: *\nDisallow: /caf%C3%A9/%7ex", 0, []string{"/cafe"}, []string{"/café/~x", "/caf%c3%a9/~x"}},
		{"line ends", "\ufeffuser-agent:*\rdisallow: /a # why\r\nDISALLOW : /b", 0, []string{"/c"}, []string{"/a", "/b"}},
		{"delay", "User-agent: *\nCrawl-delay: 2.5\nCrawl-delay: -1\nCrawl-delay: NaN\nDisallow: /a", 2500 * time.Millisecond, []string{"/"}, []string{"/a"}},
		{"no group", "Disallow: /", 0, []string{"/"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rules := parseRobots([]byte(tt.file))
			for _, path := range tt.allowed {
				if !rules.allows(path) {
					t.Errorf("%s forbidden", path)
				}
			}
			for _, path := range tt.forbidden {
				if rules.allows(path) {
					t.Errorf("%s allowed", path)
				}
			}
			if rules.delay != tt.delay {
				t.Errorf("delay %v, want %v", rules.delay, tt.delay)
			}
		})
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /*.php$\nCrawl-delay: 1", "/x.php?y=1")
	f.Add("user-agent:luth\rallow: /%e\n%", "/%C3%A9")
	f.Fuzz(func(t *testing.T, file, path string) {
		rules := parseRobots([]byte(file))
		if rules.delay < 0 || rules.delay > 24*time.Hour {
			t.Errorf("delay %v", rules.delay)
		}
		if !rules.allows(path) && !strings.Contains(strings.ToLower(file), "disallow") {
			t.Error("forbidden without a rule")
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Wed, 21 Oct 2026 07:28:00 GMT")
	f.Add("-1")
	now := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if wait, ok := retryAfter(value, now); wait < 0 || !ok && wait != 0 {
			t.Errorf("%q: %v, %v", value, wait, ok)
		}
	})
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(`<urlset><url><loc>http://a/</loc></url></urlset>`))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := parseSitemap(data, 1<<16); err == nil && len(s.pages)+len(s.sitemaps) > maxLocations {
			t.Error("too many addresses")
		}
	})
}

func FuzzNormalise(f *testing.F) {
	f.Add("HTTP://Annales.Example:80/a/../b?x=é#y")
	f.Add("https://[::1]:443/%2e%2e/")
	f.Fuzz(func(t *testing.T, raw string) {
		one, err := normalise(raw)
		if err != nil {
			return
		}
		if two, err := normalise(one); len(one) <= maxAddress && (err != nil || two != one) {
			t.Errorf("%q became %q, then %q, %v", raw, one, two, err)
		}
	})
}

func FuzzSniff(f *testing.F) {
	f.Add("http://a/x.tex", "text/plain", []byte(`\documentclass{article}`))
	f.Add("http://a/x.pdf", "application/pdf; charset=latin1", []byte("%PDF-1.4"))
	f.Fuzz(func(t *testing.T, address, contentType string, body []byte) {
		if format := Sniff(address, contentType, body); format == "" {
			t.Error("no format")
		}
		decode(body, contentType)
	})
}
