package definition_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"syncline/sync/definition"
)

// A document can be made to fill the memory: by its size, by its depth, or by
// aliases that name each other. All are refused with a sentence. The test does
// not run in parallel: it counts what is allocated.
func TestADocumentThatFillsTheMemoryIsRefused(t *testing.T) {
	bomb := "syncline: 1\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
	for i := range 9 {
		bomb += strings.ReplaceAll("a@: &a@ [*a#, *a#, *a#, *a#, *a#, *a#, *a#, *a#, *a#]\n", "@", string(rune('1'+i)))
		bomb = strings.ReplaceAll(bomb, "#", string(rune('0'+i)))
	}
	tests := map[string]struct{ text, want string }{
		"100 MB":          {strings.Repeat("# nothing\n", 10<<20), "the document is larger than 1 MB"},
		"aliases":         {bomb + "name: *a9\nfields: *a9\n", "a9"},
		"merged aliases":  {"syncline: 1\nx: &x { <<: *x }\nsource: { <<: *x }\n", "<<"},
		"many brackets":   {"syncline: 1\nname: " + strings.Repeat("[", 50_000), "nested too deeply"},
		"many dashes":     {"syncline: 1\nname:\n" + strings.Repeat("- ", 50_000), "nested too deeply"},
		"a name of 1 MB":  {"syncline: 1\nname: " + strings.Repeat("x", 1<<20), "larger than 1 MB"},
		"a list of 1 MB":  {"syncline: 1\nsource: { key: [" + strings.Repeat("a,", 400<<10) + "a] }\n", "more than 100,000 words"},
		"a long list":     {"syncline: 1\nsource: { key: [" + strings.Repeat("a,", 45_000) + "a] }\n", "source.key: names the column"},
		"lines of 1 MB":   {strings.Repeat("#\n", 30_000), "more than 20,000 lines"},
		"binary, endless": {strings.Repeat("\x00", 2<<20), "larger than 1 MB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sync.yaml")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := definition.Load(path)
			runtime.ReadMemStats(&after)
			var doc *definition.Error
			if !errors.As(err, &doc) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %.300v, want “%s”", err, test.want)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 700 {
				t.Errorf("%d MB were allocated", got)
			}
		})
	}
}
