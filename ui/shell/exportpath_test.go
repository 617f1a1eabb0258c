package shell

import (
	"path/filepath"
	"testing"
)

func TestExportNamesWhatANameCantHold(t *testing.T) {
	for name, want := range map[string]string{"plan": "plan.csv", "plan.XLSX": "plan.XLSX", "v1.2": "v1.2.csv", "": "", "a/b": "", " ": ""} {
		path, wrong := exportPath("f", name, []string{".csv", ".xlsx"})
		if (wrong != "") != (want == "") || wrong == "" && path != filepath.Join("f", want) {
			t.Errorf("%q: %q, %s", name, path, wrong)
		}
	}
}
