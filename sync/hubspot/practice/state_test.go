package practice_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// keptAt opens the portal of a file.
func keptAt(t testing.TB, path string, o practice.Options) *client {
	t.Helper()
	o.Limits.Off = true
	p, err := practice.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, portal: p, token: p.Token(), http: newHTTP(p)}
	return c
}

// killed opens what is on the disk after the process that has the portal open
// was killed at this moment.
func killed(t testing.TB, path, to string, o practice.Options) *client {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return keptAt(t, to, o)
}

// different are the object types that differ from each other; of the families,
// which are kept in one and the same way, it takes one.
func different(c *client) []string {
	return slices.DeleteFunc(c.portal.ObjectTypes(), func(name string) bool {
		return name != "orders" && slices.ContainsFunc(content.Families(), func(f content.Family) bool { return f.Name == name })
	})
}

// everything asks for all that a portal can tell.
func everything(c *client) map[string]string {
	all, kinds := map[string]string{}, different(c)
	get := func(method, path, body string) result {
		r := c.do(method, path, body)
		all[method+" "+path+" "+body] = fmt.Sprint(r.status, r.raw)
		return r
	}
	for _, path := range []string{"/crm/v3/owners/?limit=500", "/crm/v3/owners/?archived=true", "/crm-object-schemas/v3/schemas", "/account-info/2026-09/details",
		"/crm/limits/v3/records", "/crm/limits/v3/custom-properties"} {
		get("GET", path, "")
	}
	for _, k := range kinds {
		for _, archived := range []string{"false", "true"} {
			get("GET", "/crm/v3/properties/"+k+"?archived="+archived, "")
			for after := ""; ; {
				r := get("GET", "/crm/v3/objects/"+k+"?limit=50&propertiesWithHistory=firstname,email,phone,lifecyclestage,name,dealstage&properties=hs_merged_object_ids,hs_additional_emails,hs_object_source"+
					"&associations=contacts,companies,deals&archived="+archived+after, "")
				if after = "&after=" + r.text("paging.next.after"); after == "&after=" {
					break
				}
			}
		}
		get("GET", "/crm/v3/pipelines/"+k, "")
		get("GET", "/crm/v3/properties/"+k+"/groups", "")
		for _, to := range kinds {
			get("GET", "/crm/v4/associations/"+k+"/"+to+"/labels", "")
		}
		get("POST", "/crm/v3/objects/"+k+"/search", `{"limit":200}`)
	}
	return all
}

// ghosts runs a portal that is kept through everything that may happen.
type ghosts struct {
	*client
	t     *rapid.T
	ids   map[string][]string
	clock *clock
}

func (g *ghosts) one(kind string) string {
	if len(g.ids[kind]) == 0 {
		return "1"
	}
	return rapid.SampledFrom(g.ids[kind]).Draw(g.t, "id")
}

func (g *ghosts) step(n int) {
	kind := rapid.SampledFrom([]string{"contacts", "companies"}).Draw(g.t, "kind")
	word := rapid.SampledFrom([]string{"Ann", "Bob", "", "Ünal;x"}).Draw(g.t, "word")
	switch rapid.IntRange(0, 13).Draw(g.t, "step") {
	case 0, 1, 2:
		p := props{"name": "Acme " + word}
		if kind == "contacts" {
			p = props{"firstname": "A" + word, "email": fmt.Sprintf("p%d@example.com", rapid.IntRange(0, 30).Draw(g.t, "email"))}
		}
		if r := g.do("POST", "/crm/v3/objects/"+kind, object{"properties": p}); r.status == 201 {
			g.ids[kind] = append(g.ids[kind], r.text("id"))
		}
	case 3, 4:
		g.do("PATCH", "/crm/v3/objects/"+kind+"/"+g.one(kind), object{"properties": props{"phone": word, "lifecyclestage": "customer"}})
	case 5:
		_ = g.portal.Archive(kind, g.one(kind))
	case 6:
		if r := g.do("POST", "/crm/v3/objects/"+kind+"/merge", props{"primaryObjectId": g.one(kind), "objectIdToMerge": g.one(kind)}); r.status == 200 {
			g.ids[kind] = append(g.ids[kind], r.text("id"))
		}
	case 7:
		g.do("PUT", "/crm/v4/objects/contacts/"+g.one("contacts")+"/associations/default/companies/"+g.one("companies"), nil)
	case 8:
		g.do("DELETE", "/crm/v4/objects/contacts/"+g.one("contacts")+"/associations/companies/"+g.one("companies"), nil)
	case 9:
		name := fmt.Sprintf("own_%d", rapid.IntRange(0, 5).Draw(g.t, "property"))
		if g.portal.CreateProperty(kind, practice.Property{Name: name, Unique: n%2 == 0}) != nil {
			_ = g.portal.RemoveProperty(kind, name)
		}
	case 10:
		g.do("POST", "/crm/v3/pipelines/deals", object{"label": fmt.Sprint("Pipe ", n), "displayOrder": 1, "stages": []any{object{"label": "A", "metadata": props{"probability": "0.5"}}}})
		g.do("POST", "/crm/v3/properties/"+kind+"/groups", props{"name": fmt.Sprint("g", n), "label": "G"})
		g.portal.AddOwner(fmt.Sprintf("o%d@example.com", n), "O", "W")
	case 11:
		r := g.do("POST", "/crm/v4/associations/contacts/companies/labels", props{"label": fmt.Sprint("L", n), "name": fmt.Sprint("l", n), "inverseLabel": "I"})
		if id := r.at("results.0.typeId"); id != nil {
			g.do("PUT", "/crm/v4/objects/contacts/"+g.one("contacts")+"/associations/companies/"+g.one("companies"), []any{object{"associationCategory": "USER_DEFINED", "associationTypeId": id}})
			if n%3 == 0 {
				g.do("DELETE", fmt.Sprintf("/crm/v4/associations/contacts/companies/labels/%.0f", id), nil)
			}
		}
	case 12:
		g.do("POST", "/crm-object-schemas/v3/schemas", object{"name": fmt.Sprint("car", n), "labels": props{"singular": "Car", "plural": "Cars"}, "requiredProperties": []string{"plate"},
			"primaryDisplayProperty": "plate", "properties": []any{props{"name": "plate", "label": "Plate", "type": "string", "fieldType": "text"}}, "associatedObjects": []string{"0-1"}})
		g.do("POST", "/crm/v3/objects/contacts/gdpr-delete", props{"objectId": g.one("contacts")})
	default:
		g.clock.advance(rapid.IntRange(1, 5000).Draw(g.t, "ms"))
	}
}

// Whenever the process ends, by Close or by kill -9, the portal answers
// afterwards as it would have: what there is, what search believes, and the ids
// of what comes.
func TestAKeptPortalAnswersTheSameAfterEveryEnd(t *testing.T) {
	t.Parallel()
	dir, round := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		path := filepath.Join(dir, fmt.Sprint(round))
		g := &ghosts{t: t, ids: map[string][]string{}, clock: newClock()}
		o := practice.Options{Seed: rapid.Uint64().Draw(t, "seed"), Now: g.clock.now, SearchLag: practice.HeavyTail(2*time.Second, time.Minute, 0.2),
			Switches: practice.Switches{AssociateCompanies: true, MergeKeepsPrimaryID: rapid.Bool().Draw(t, "keeps")}}
		g.client = keptAt(reporter{t: t}, path, o)
		for n := range rapid.IntRange(1, 40).Draw(t, "steps") {
			g.step(n)
		}
		g.portal.AddOwner("last@example.com", "L", "A") // a change keeps the state of chance too
		var other *client
		if rapid.Bool().Draw(t, "kill") {
			other = killed(reporter{t: t}, path, path+".killed", o)
		} else {
			other = killed(reporter{t: t}, path, path+".killed", o)
			if err := other.portal.Close(); err != nil {
				t.Fatal(err)
			}
			other = keptAt(reporter{t: t}, path+".killed", o)
		}
		for kind, ids := range g.ids { // merged-away ones too
			for _, id := range ids {
				path := "/crm/v3/objects/" + kind + "/" + id
				if was, is := g.do("GET", path, nil), other.do("GET", path, nil); was.status != is.status || was.status == 200 && was.raw != is.raw {
					t.Fatalf("%s is %s, was %s", path, is.raw, was.raw)
				}
			}
		}
		for range 2 {
			if diff := cmp.Diff(everything(g.client), everything(other)); diff != "" {
				t.Fatalf("before and after (-was +is):\n%s", diff)
			}
			body := object{"properties": props{"firstname": "New", "email": "new@example.com"}}
			was, is := g.do("POST", "/crm/v3/objects/contacts", body), other.do("POST", "/crm/v3/objects/contacts", body)
			if was.raw != is.raw {
				t.Fatalf("a new record is %s, was %s", is.raw, was.raw)
			}
			g.clock.advance(70_000)
		}
		for _, p := range []*practice.Portal{g.portal, other.portal} {
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTheDemoIsKeptWithinAFewMegabytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	o := practice.Options{Demo: true, Seed: content.DemoSeed, Now: newClock().now}
	c := keptAt(t, path, o)
	secret := c.portal.AddToken(practice.Token{Kind: practice.ServiceKey})
	before := everything(c)
	if err := c.portal.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil || len(file) > 3<<20 {
		t.Errorf("%d bytes, %v", len(file), err)
	}
	t.Logf("%d bytes", len(file))
	if strings.Contains(string(file), secret) || strings.Contains(string(file), c.token) {
		t.Error("the file holds a token")
	}
	again := keptAt(t, path, practice.Options{Now: o.Now})
	if again.portal.Token() != c.token {
		t.Error("the portal has another token")
	}
	if diff := cmp.Diff(before, everything(again)); diff != "" {
		t.Errorf("was, is:\n%s", diff)
	}
	again.token = secret
	again.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
	if err := again.portal.Close(); err != nil {
		t.Fatal(err)
	}
	if r := again.do("GET", "/crm/v3/objects/contacts", nil); r.status != 200 {
		t.Errorf("reading a closed portal answers %d", r.status)
	}
	again.do("POST", "/crm/v3/objects/contacts", object{"properties": props{"firstname": "A"}}).want(t, 500)
}

// What a crash leaves of the last call's frame is left out; everything before
// it is there.
func TestATornEndIsLeftOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "portal")
	c := keptAt(t, path, practice.Options{})
	first := c.contact(props{"firstname": "A"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := c.contact(props{"firstname": "B"})
	longer, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(whole); n < len(longer); n += 7 {
		torn := filepath.Join(dir, fmt.Sprint("torn", n))
		if err := os.WriteFile(torn, longer[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		p := keptAt(t, torn, practice.Options{}).portal
		if _, ok := p.Record("contacts", first); !ok {
			t.Errorf("%d bytes: the first contact is gone", n)
		}
		if _, ok := p.Record("contacts", second); ok {
			t.Errorf("%d bytes: the second contact is there", n)
		}
	}
}

func TestFilesThatCannotBeUsedStayAsTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "portal")
	c := keptAt(t, path, practice.Options{})
	c.contact(props{"firstname": "A"})
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(string(good))
	flipped[len(flipped)/2] ^= 1
	for name, tt := range map[string]struct {
		file    string
		damaged bool
		text    string
	}{
		"newer":        {strings.Replace(string(good), "portal 2\n", "portal 3\n", 1), false, "was written by a newer Syncline (format 3, this one knows 2)"},
		"another file": {"id,Email\n1,a@example.com\n", true, "it is not a practice portal's file"},
		"empty":        {"", true, "it is not a practice portal's file"},
		"flipped":      {string(flipped), true, "it is damaged at byte"},
		"cut":          {string(good[:len(good)/3]), true, "it "},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := practice.Open(path, practice.Options{})
		var refused *practice.FileError
		if !errors.As(err, &refused) || refused.Damaged != tt.damaged || !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != tt.file {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
	if _, err := practice.Open(path, practice.Options{}); err == nil || !strings.Contains(err.Error(), "is in use by another Syncline") {
		t.Errorf("opened twice: %v", err)
	}
}

func TestManyCallersShareTheDisk(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	c := keptAt(t, path, practice.Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				if _, err := c.portal.Create("contacts", props{"firstname": fmt.Sprint(i, j)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := killed(t, path, path+".killed", practice.Options{}).portal.Count("contacts"); n != 80 {
		t.Errorf("%d contacts, want 80", n)
	}
}
