package scrape

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
)

// TestRecipes checks that the shipped recipes name sources that exist.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../recipes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recipes: %v", err)
	}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), "merge-") {
			continue // the merge package reads those
		}
		recipe, err := dataset.ReadRecipe(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, stage := range recipe.Stages {
			if stage.Name != "crawl" {
				continue
			}
			var params CrawlParams
			if err := stage.Params.Decode(&params); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			if _, err := rules(params.Sources); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
