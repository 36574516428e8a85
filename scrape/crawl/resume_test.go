package crawl

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary run with these set is a crawl that can be killed.
const (
	childStore = "LUTH_TEST_CRAWL_STORE"
	childSite  = "LUTH_TEST_CRAWL_SITE"
)

func TestMain(m *testing.M) {
	if os.Getenv(childStore) == "" {
		os.Exit(m.Run())
	}
	if _, err := Run(context.Background(), childOptions(os.Getenv(childStore), os.Getenv(childSite))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func childOptions(store, address string) Options {
	return Options{Store: store, Sources: []Rules{testRules()}, Resolve: map[string]string{testHost: address}, Workers: 3, Timeout: time.Minute}
}

// TestKilled kills crawls at random requests and lets the next one go on. What
// was recorded before a kill is never asked for again, at most the requests in
// flight are, and the end is that of a crawl never killed.
func TestKilled(t *testing.T) {
	const kills, documents, workers = 6, 60, 3
	s := newSite(t)
	for i := range 6 {
		var to []string
		for j := range documents / 6 {
			to = append(to, fmt.Sprintf("/%d.pdf", i*10+j))
		}
		s.links(fmt.Sprintf("/p%d", i), append(to, fmt.Sprintf("/p%d", (i+1)%6), "/0.pdf")...)
	}
	for i := range documents {
		s.pdf(fmt.Sprintf("/%d.pdf", i))
	}
	s.links("/", "/p0")
	whole := childOptions(t.TempDir(), s.Listener.Addr().String())
	mustRun(t, whole)
	want := inventory(t, whole.Store)
	undisturbed := s.total()

	store := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	s.reset()
	for i := range kills {
		killed := s.killAt(t, store, 2+random.IntN(20))
		recorded := settled(t, store)
		before := s.counts()
		if !killed && i < 3 {
			t.Fatalf("crawl %d ended before it was killed", i)
		}
		defer func() {
			after := s.counts()
			for path := range recorded {
				if after[path] != before[path] {
					t.Errorf("%s was recorded and asked for again", path)
				}
			}
		}()
	}
	s.killAt(t, store, 1<<30)
	if got := inventory(t, store); got != want {
		t.Errorf("inventory after kills:\n%s\nwant\n%s", got, want)
	}
	robots := s.count("/robots.txt") - 1
	if extra := s.total() - undisturbed - robots; extra > kills*workers {
		t.Errorf("%d requests repeated after %d kills of %d workers", extra, kills, workers)
	}
	if stale, err := fs.Glob(os.DirFS(store), "*/*/.luth-*.tmp"); err != nil || len(stale) != 0 {
		t.Errorf("temporary files left: %v, %v", stale, err)
	}
}

// killAt runs a crawl in a process of its own and kills it at the n-th
// request. It returns false when the crawl ended before.
func (s *site) killAt(t *testing.T, store string, n int) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childStore+"="+store, childSite+"="+s.Listener.Addr().String())
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	seen := 0
	s.mu.Lock()
	s.onRequest = func(*http.Request) {
		if seen++; seen >= n {
			once.Do(func() { cmd.Process.Kill() })
		}
	}
	s.mu.Unlock()
	err := cmd.Wait()
	s.mu.Lock()
	s.onRequest = nil
	s.mu.Unlock()
	if err != nil && out.Len() > 0 {
		t.Fatalf("crawl failed: %s", out.String())
	}
	return err != nil
}

func (s *site) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.started)
}

func (s *site) counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.started)
}

// settled returns the paths whose rows say what became of them.
func settled(t *testing.T, store string) map[string]bool {
	done := make(map[string]bool)
	for path, status := range entries(t, store) {
		if !strings.HasPrefix(status, statusPending) {
			done[path] = true
		}
	}
	return done
}
