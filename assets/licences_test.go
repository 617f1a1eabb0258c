package assets_test

import (
	"os/exec"
	"strings"
	"testing"

	"syncline/assets"
)

// Whatever the program links has its licence in it.
func TestEveryModuleHasItsLicenceInTheProgram(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "migrated_fynedo", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "syncline").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := "\n" + assets.Licences()
	for _, module := range strings.Fields(strings.ReplaceAll(string(out), " ", "@")) {
		if name := strings.ReplaceAll(module, "@", " "); !strings.Contains(lines, "\n"+name+"\n") {
			t.Errorf("%s is missing: make licences", name)
		}
	}
}
