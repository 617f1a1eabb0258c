package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/definition"
)

func TestAnObjectTypeIsProposedOfAFilesColumns(t *testing.T) {
	t.Parallel()
	a := practising(t)
	path := filepath.Join(t.TempDir(), "machines.csv")
	rows := "Serial,Machine name,Bought,Hours,Leased,Operator e-mail,Remark\nM-1,Press one,2024-05-30,1200.5,true,ann@example.com,\nM-2,Press two,2023-01-02,80,false,bob@example.com,old\n"
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := a.NewDraft(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	d.Definition.Source.Key = []string{"Serial"}
	p := d.ProposeType()
	if p.Name != "machine" || p.Make.Singular != "Machine" || p.Make.Plural != "Machines" || p.Make.Display != "machine_name" || strings.Join(p.Make.Associate, " ") != "contacts" {
		t.Errorf("%+v", p)
	}
	types := map[string]string{}
	for _, x := range p.Make.Properties {
		types[x.Name] = x.Type
		if x.Unique != (x.Name == "serial") {
			t.Errorf("%+v", x)
		}
	}
	want := map[string]string{"serial": "string", "machine_name": "string", "bought": "date", "hours": "number", "leased": "bool", "remark": "string"}
	for name, typ := range want {
		if types[name] != typ {
			t.Errorf("%s is %q, want %s", name, types[name], typ)
		}
	}
	if len(types) != len(want) {
		t.Errorf("%v", types)
	}
	d.UseType("", p)
	saved, err := a.Save(d)
	if err != nil {
		t.Fatal(err)
	}
	back, err := definition.Load(saved)
	if err != nil || len(back.HubSpot.Match) != 1 || len(back.Associations) != 1 || len(back.Fields) != 6 || back.HubSpot.Make == nil {
		t.Errorf("%+v, %v", back, err)
	}
	if err := a.AddSync(t.Context(), saved); err != nil {
		t.Error(err)
	}
	used, limit, err := a.TypeRoom(t.Context(), "")
	if used != 1 || limit != 10 || err != nil {
		t.Errorf("%d of %d, %v", used, limit, err)
	}
}
