package hubspot_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// What the table says of a type and what the portal asks for are one thing: the
// scopes that let it be read and written, and what a new record needs.
func TestTheTableOfObjectTypesIsThePortals(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practice.Options{})
	t.Cleanup(func() { _ = p.Close() })
	served := p.ObjectTypes()
	for _, typ := range hubspot.ObjectTypes() {
		if !slices.Contains(served, typ.Name) {
			if typ.Offered > 0 || !typ.NoSearch { // what is offered can be tried out
				t.Errorf("the practice portal has no %s", typ.Name)
			}
			continue
		}
		for _, a := range []hubspot.Access{hubspot.ReadRecords, hubspot.WriteRecords} {
			right := hubspot.RightTo(a, typ)
			for _, scope := range append([]string{right.Scope}, right.Or...) {
				value := "pat-na1-" + typ.Name + scope + string(rune('0'+a))
				p.AddToken(practice.Token{Value: value, Kind: practice.PrivateApp, AppID: 7, Scopes: []string{scope}})
				method, body := http.MethodGet, ""
				if a == hubspot.WriteRecords {
					method, body = http.MethodPost, "/batch/archive"
				}
				if got := status(t, p, method, "/crm/objects/2026-09/"+typ.Name+body, value); got == 403 {
					t.Errorf("%s: the scope %s does not let do %d", typ.Name, scope, a)
				}
			}
		}
		var schema struct {
			Required []string `json:"requiredProperties"`
		}
		if err := json.Unmarshal([]byte(read(t, p, "/crm-object-schemas/2026-09/schemas/"+typ.Name)), &schema); err != nil {
			t.Fatal(err)
		}
		for _, name := range schema.Required {
			if !typ.ReadOnly && name != typ.Pipeline && !slices.ContainsFunc(typ.Required, func(group []string) bool { return slices.Contains(group, name) }) {
				t.Errorf("%s: a new record needs %s, of which the table says nothing", typ.Name, name)
			}
		}
	}
}

func read(t *testing.T, p *practice.Portal, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.hubapi.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token())
	a, err := p.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func status(t *testing.T, p *practice.Portal, method, path, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.hubapi.com"+path, strings.NewReader(`{"inputs":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	a, err := p.Transport().RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	return a.StatusCode
}

// A type of the portal's own goes by many names, HubSpot's by three, without a
// call.
func TestAnObjectTypeIsFoundByAnyOfItsNames(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Demo: true, Limits: practice.Limits{Off: true}})
	own := must(c.CustomObjectTypes(t.Context()))(t)[0]
	for _, name := range []string{own.ID, own.Name, "license", "LICENSE", "p_license", "Licenses", " License "} {
		got, err := c.ObjectType(t.Context(), name)
		if err != nil || got.ID != own.ID || got.Label != "Licenses" || len(got.Required) != 1 {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
	calls := p.Calls().Total
	if got := must(c.ObjectType(t.Context(), "Deal"))(t); got.ID != "0-3" || p.Calls().Total != calls {
		t.Errorf("%+v after %d calls", got, p.Calls().Total-calls)
	}
	var none *hubspot.NoTypeError
	if _, err := c.ObjectType(t.Context(), "machines"); !errors.As(err, &none) || !strings.Contains(err.Error(), "license (2-41285731)") {
		t.Errorf("%v", err)
	}
	// A connection that may not list them takes an id as it is, and says what it lacks of a name.
	p.AddToken(practice.Token{Value: "pat-na1-narrow", Kind: practice.PrivateApp, AppID: 7, Scopes: []string{"crm.objects.custom.write"}})
	narrow, err := hubspot.New(hubspot.Config{Transport: p.Transport(), Tokens: hubspot.StaticToken("pat-na1-narrow")})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"2-41285731", "p50123456_license"} {
		if got, err := narrow.ObjectType(t.Context(), name); err != nil || got.Path() != name {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
	if _, err := narrow.ObjectType(t.Context(), "license"); !errors.As(err, &none) || !strings.Contains(err.Error(), "crm.schemas.custom.read") {
		t.Errorf("%v", err)
	}
}

func TestWhatPeopleSwitchOnIsKnown(t *testing.T) {
	t.Parallel()
	_, c := practise(t, practice.Options{Without: []string{"listings", "leads"}})
	on := must(c.ActivatedTypes(t.Context()))(t)
	if on["0-420"] || !on["0-410"] || len(on) != 4 {
		t.Errorf("%v", on)
	}
	if _, err := c.List(t.Context(), "leads", hubspot.ListRequest{}); !hubspot.IsNotShown(err) || hubspot.IsScopes(err) {
		t.Errorf("%v", err)
	}
	for _, typ := range hubspot.ObjectTypes() {
		if typ.ReadOnly != (typ.Instead != "") || typ.Email != "" && !slices.Contains(typ.Unique, typ.Email) || typ.Absent() == "" {
			t.Errorf("%s: half said", typ.Name)
		}
		for _, name := range append(append([]string{}, typ.Born...), typ.Usual...) {
			if _, ok := hubspot.FindObjectType(name); !ok {
				t.Errorf("%s: %s is none", typ.Name, name)
			}
		}
	}
}
