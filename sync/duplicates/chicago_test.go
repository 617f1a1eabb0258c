package duplicates_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"syncline/sync/duplicates"
)

// chicago reads the early childhood sites of Chicago: lists of ten authorities, joined, in which
// people have said which lines are one site.
func chicago(t testing.TB) (entries []duplicates.Entry, truth []string) {
	t.Helper()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	file, err := os.Open(filepath.Join(dir, "dedupe-chicago-early-childhood", "csv_example_input_with_true_ids.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	for _, l := range lines[1:] {
		e := duplicates.Entry{ID: l[at["Id"]]}
		for column, kind := range map[string]duplicates.Kind{"Site name": duplicates.Name, "Address": duplicates.Address, "Zip": duplicates.Place, "Phone": duplicates.Phone, "Email Address": duplicates.Email, "Website": duplicates.Domain} {
			if v := l[at[column]]; v != "" {
				e.Traits = append(e.Traits, duplicates.Trait{Kind: kind, Text: v})
			}
		}
		entries, truth = append(entries, e), append(truth, l[at["True Id"]])
	}
	return entries, truth
}

// measure compares pairs with the truth: how many of them are right, and how many of the right ones
// are among them.
func measure(truth []string, pairs []duplicates.Pair, threshold float64) (precision, recall float64) {
	size := map[string]int{}
	for _, id := range truth {
		size[id]++
	}
	all := 0
	for _, n := range size {
		all += n * (n - 1) / 2
	}
	told, right := 0, 0
	for _, p := range pairs {
		if p.Score < threshold {
			continue
		}
		told++
		if truth[p.A] == truth[p.B] {
			right++
		}
	}
	return float64(right) / float64(max(told, 1)), float64(right) / float64(all)
}

// The figures of docs/performance.md hold. Much of what counts as wrong here is two lines that are
// the same to the letter, which whoever made the list has taken for two sites.
func TestDuplicatesOfAnotherTrueList(t *testing.T) {
	t.Parallel()
	entries, truth := chicago(t)
	found, err := duplicates.Find(t.Context(), entries, duplicates.Options{Threshold: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ threshold, precision, recall float64 }{{0.5, 0.88, 0.87}, {0.8, 0.90, 0.86}, {0.95, 0.92, 0.84}} {
		p, r := measure(truth, found.Pairs, tt.threshold)
		t.Logf("score from %.2f: precision %.3f, recall %.3f", tt.threshold, p, r)
		if p < tt.precision || r < tt.recall {
			t.Errorf("pairs from %.2f: precision %.3f and recall %.3f, want %.2f and %.2f", tt.threshold, p, r, tt.precision, tt.recall)
		}
	}
}
