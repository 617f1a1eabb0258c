package practice_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot/practice"
)

// sendParts posts an import: what is wanted, and the files by their names.
func (c *client) sendParts(request any, files map[string]string) result {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			c.t.Fatal(err)
		}
		if err := w.WriteField("importRequest", string(text)); err != nil {
			c.t.Fatal(err)
		}
	}
	for name, content := range files {
		part, err := w.CreateFormFile("files", name)
		if err != nil {
			c.t.Fatal(err)
		}
		_, _ = io.WriteString(part, content)
	}
	_ = w.Close()
	req := c.request("POST", "/crm/imports/2026-09", body.String())
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	r := result{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &r.body)
	return r
}

type column = map[string]any

// contactImport is an import of one file of contacts, by their addresses.
func contactImport(name, op string) map[string]any {
	return map[string]any{"name": name, "importOperations": map[string]string{"0-1": op}, "dateFormat": "YEAR_MONTH_DAY", "files": []any{map[string]any{"fileName": "a.csv", "fileFormat": "CSV",
		"fileImportPage": map[string]any{"hasHeader": true, "columnMappings": []any{
			column{"columnObjectTypeId": "0-1", "columnName": "email", "propertyName": "email", "columnType": "HUBSPOT_ALTERNATE_ID"},
			column{"columnObjectTypeId": "0-1", "columnName": "firstname", "propertyName": "firstname"},
			column{"columnObjectTypeId": "0-1", "columnName": "lifecyclestage", "propertyName": "lifecyclestage"}}}}}}
}

func (c *client) importState(id string) result {
	return c.do("GET", "/crm/imports/2026-09/"+id, nil).want(c.t, 200)
}

func TestAnImportMakesChangesAndRefusesRows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op             string
		switches       practice.Switches
		made, changed  float64
		errors         []string
		anna, lifeLess string // what the known one is called then, and whether the one with a wrong stage was made
	}{
		{"CREATE", practice.Switches{}, 1, 0, []string{"2 DUPLICATE_ALTERNATE_ID anna@example.com", "4 INVALID_EMAIL ", "5 INVALID_ENUMERATION_OPTION nothing"}, "Old", ""},
		{"CREATE", practice.Switches{ImportSkipsKnown: true, ImportLinesOfRows: true}, 1, 0, []string{"3 INVALID_EMAIL ", "4 INVALID_ENUMERATION_OPTION nothing"}, "Old", ""},
		{"UPSERT", practice.Switches{ImportLeavesOut: true}, 3, 1, []string{"4 INVALID_EMAIL ", "5 INVALID_ENUMERATION_OPTION nothing"}, "Anna", "Eve"},
		{"UPDATE", practice.Switches{}, 0, 1, []string{"3 OBJECT_NOT_FOUND ", "4 OBJECT_NOT_FOUND ", "5 OBJECT_NOT_FOUND "}, "Anna", ""},
	} {
		t.Run(tt.op, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			c := open(t, practice.Options{Now: clock.now, Switches: tt.switches})
			anna := c.contact(props{"email": "anna@example.com", "firstname": "Old"})
			r := c.sendParts(contactImport("June", tt.op), map[string]string{"a.csv": "email,firstname,lifecyclestage\nANNA@example.com,Anna,\nbob@example.com,\"Bob\nB\",lead\nno address,Carl,\neve@example.com,Eve,nothing\n"}).want(t, 200)
			if r.text("state") != "STARTED" || r.text("importName") != "June" {
				t.Fatalf("started as %s", r.raw)
			}
			id := r.text("id")
			clock.advance(1500)
			r = c.importState(id)
			if r.text("state") != "DONE" {
				t.Fatalf("not done: %s", r.raw)
			}
			counters, _ := r.at("metadata.counters").(map[string]any)
			made, _ := counters["CREATED_OBJECTS"].(float64)
			changed, _ := counters["UPDATED_OBJECTS"].(float64)
			if made != tt.made || changed != tt.changed {
				t.Errorf("made %v and changed %v, want %v and %v", made, changed, tt.made, tt.changed)
			}
			r = c.do("GET", "/crm/imports/2026-09/"+id+"/errors?includeRowData=true&includeErrorMessage=true", nil).want(t, 200)
			var told []string
			for i := range r.count("results") {
				at := fmt.Sprintf("results.%d.", i)
				value := r.text(at + "invalidValue")
				if strings.HasPrefix(value, "no ") {
					value = ""
				}
				told = append(told, fmt.Sprintf("%v %s %s", r.at(at+"sourceData.lineNumber"), r.text(at+"errorType"), strings.ToLower(value)))
			}
			if diff := cmp.Diff(tt.errors, told); diff != "" {
				t.Error(diff)
			}
			now, _ := c.portal.Record("contacts", anna)
			if now["firstname"] != tt.anna {
				t.Errorf("Anna is called %q", now["firstname"])
			}
			eve := c.do("GET", "/crm/objects/2026-09/contacts/eve@example.com?idProperty=email&properties=firstname,lifecyclestage", nil)
			if got := eve.text("properties.firstname"); got != tt.lifeLess {
				t.Errorf("Eve: %q", eve.raw)
			}
		})
	}
}

func TestNewImportsAreCheckedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Tokens: []practice.Token{{Value: "narrow", Scopes: []string{"crm.objects.contacts.write"}}}})
	file := map[string]string{"a.csv": "email,firstname,lifecyclestage\n"}
	with := func(change func(map[string]any)) map[string]any {
		text, _ := json.Marshal(contactImport("x", "CREATE"))
		var m map[string]any
		_ = json.Unmarshal(text, &m)
		change(m)
		return m
	}
	firstColumn := func(m map[string]any) map[string]any {
		f := m["files"].([]any)[0].(map[string]any)
		return f["fileImportPage"].(map[string]any)["columnMappings"].([]any)[0].(map[string]any)
	}
	for name, tt := range map[string]struct {
		request any
		files   map[string]string
		status  int
		says    string
	}{
		"no request":       {nil, file, 400, "importRequest"},
		"no name":          {with(func(m map[string]any) { delete(m, "name") }), file, 400, "[name]"},
		"no file":          {contactImport("x", "CREATE"), nil, 400, "No file named a.csv"},
		"operation":        {contactImport("x", "MERGE"), file, 400, "ImportOperation"},
		"property":         {with(func(m map[string]any) { firstColumn(m)["propertyName"] = "nothing" }), file, 400, "nothing"},
		"no alternate id":  {with(func(m map[string]any) { firstColumn(m)["propertyName"] = "phone" }), file, 400, "no alternate id"},
		"another header":   {contactImport("x", "CREATE"), map[string]string{"a.csv": "mail,firstname,lifecyclestage\n"}, 400, "column 1"},
		"kind of a column": {with(func(m map[string]any) { firstColumn(m)["columnType"] = "ID" }), file, 400, "ColumnType"},
	} {
		if r := c.sendParts(tt.request, tt.files); r.status != tt.status || !strings.Contains(r.raw, tt.says) {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	c.do("POST", "/crm/imports/2026-09", contactImport("x", "CREATE")).want(t, http.StatusUnsupportedMediaType)
	c.token = "narrow"
	c.sendParts(contactImport("x", "CREATE"), file).wantError(t, 403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.")
}

func TestImportsOfOneAppWaitForEachOtherAndCanBeCanceled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, Limits: practice.Limits{Off: true, ImportRows: 2}, Tokens: []practice.Token{{Value: "other"}}})
	var ids []string
	for i := range 5 {
		rows := "email,firstname,lifecyclestage\n"
		for k := range 4 {
			rows += fmt.Sprintf("p%d-%d@example.com,P,\n", i, k)
		}
		ids = append(ids, c.sendParts(contactImport(fmt.Sprint("import ", i), "CREATE"), map[string]string{"a.csv": rows}).want(t, 200).text("id"))
	}
	states := func() (all []string) {
		for _, id := range ids {
			all = append(all, c.importState(id).text("state"))
		}
		return all
	}
	if diff := cmp.Diff([]string{"STARTED", "STARTED", "STARTED", "DEFERRED", "DEFERRED"}, states()); diff != "" {
		t.Fatal(diff)
	}
	clock.advance(1000)
	c.do("POST", "/crm/imports/2026-09/"+ids[0]+"/cancel", nil).want(t, 200)
	if diff := cmp.Diff([]string{"CANCELED", "PROCESSING", "PROCESSING", "STARTED", "DEFERRED"}, states()); diff != "" {
		t.Fatal(diff)
	}
	c.do("POST", "/crm/imports/2026-09/"+ids[0]+"/cancel", nil).want(t, 400)
	clock.advance(10_000)
	if diff := cmp.Diff([]string{"CANCELED", "DONE", "DONE", "DONE", "DONE"}, states()); diff != "" {
		t.Fatal(diff)
	}
	if n := c.portal.Count("contacts"); n != 2+4*4 {
		t.Errorf("there are %d contacts", n)
	}
	r := c.do("GET", "/crm/imports/2026-09?limit=2", nil).want(t, 200)
	if r.text("results.0.importName") != "import 4" || r.text("paging.next.after") == "" {
		t.Errorf("the list begins with %s", r.raw)
	}
	c.token = "other"
	if n := c.do("GET", "/crm/imports/2026-09", nil).want(t, 200).count("results"); n != 0 {
		t.Errorf("another app sees %d imports", n)
	}
	c.do("GET", "/crm/imports/2026-09/"+ids[1], nil).want(t, 404)
}

func TestAnImportOfPeopleAndFirmsJoinsThem(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	c.sendParts(map[string]any{"name": "both", "files": []any{map[string]any{"fileName": "a.csv", "fileFormat": "CSV", "fileImportPage": map[string]any{"hasHeader": true, "columnMappings": []any{
		column{"columnObjectTypeId": "0-1", "columnName": "Email", "propertyName": "email", "columnType": "HUBSPOT_ALTERNATE_ID"},
		column{"columnObjectTypeId": "0-2", "columnName": "Domain", "propertyName": "domain", "columnType": "HUBSPOT_ALTERNATE_ID"},
		column{"columnObjectTypeId": "0-1", "toColumnObjectTypeId": "0-2", "columnName": "Role", "columnType": "FLEXIBLE_ASSOCIATION_LABEL"}}}}}},
		map[string]string{"a.csv": "Email,Domain,Role\na@example.com,example.com,Billing contact\nb@example.com,example.com,\n"}).want(t, 200)
	clock.advance(2000)
	companies := c.do("GET", "/crm/objects/2026-09/companies", nil)
	if n := companies.count("results"); n != 1 {
		t.Fatalf("one domain made %d companies", n)
	}
	r := c.do("GET", "/crm/v4/objects/companies/"+companies.text("results.0.id")+"/associations/contacts", nil).want(t, 200)
	if r.count("results") != 2 || strings.Count(r.raw, "Billing contact") != 1 {
		t.Errorf("the company has %s", r.raw)
	}
	c.sendParts(map[string]any{"name": "two files", "files": []any{
		map[string]any{"fileName": "firms.csv", "fileFormat": "CSV", "fileImportPage": map[string]any{"columnMappings": []any{
			column{"columnObjectTypeId": "0-2", "columnName": "key", "propertyName": "name", "associationIdentifierColumn": true}}}},
		map[string]any{"fileName": "people.csv", "fileFormat": "CSV", "fileImportPage": map[string]any{"columnMappings": []any{
			column{"columnObjectTypeId": "0-1", "columnName": "mail", "propertyName": "email", "columnType": "HUBSPOT_ALTERNATE_ID"},
			column{"columnObjectTypeId": "0-1", "toColumnObjectTypeId": "0-2", "columnName": "firm", "columnType": "ASSOCIATION_KEYS", "foreignKeyType": map[string]any{"associationTypeId": 279, "associationCategory": "HUBSPOT_DEFINED"}}}}}}},
		map[string]string{"firms.csv": "Acme\n", "people.csv": "c@example.org,Acme\n"}).want(t, 200)
	clock.advance(3000)
	carl := c.do("GET", "/crm/objects/2026-09/contacts/c@example.org?idProperty=email&associations=companies", nil).want(t, 200)
	if carl.count("associations.companies.results") == 0 {
		t.Errorf("no firm: %s", carl.raw)
	}
}

func TestAnImportGoesOnAfterThePortalWasKilled(t *testing.T) {
	t.Parallel()
	path, again := filepath.Join(t.TempDir(), "portal"), filepath.Join(t.TempDir(), "again")
	clock := newClock()
	o := practice.Options{Now: clock.now, Limits: practice.Limits{Off: true, ImportRows: 1}}
	c := keptAt(t, path, o)
	id := c.sendParts(contactImport("kept", "CREATE"), map[string]string{"a.csv": "email,firstname,lifecyclestage\na@example.com,A,\nbad,B,\nc@example.com,C,\n"}).want(t, 200).text("id")
	export := c.do("POST", "/crm/exports/2026-09/export/async", contactExport(nil)).want(t, 202).text("id")
	clock.advance(1000)
	c.importState(id)
	token := c.token
	c = killed(t, path, again, o)
	c.token = token
	clock.advance(5000)
	if r := c.importState(id); r.text("state") != "DONE" || r.at("metadata.counters.CREATED_OBJECTS") != 2.0 || r.at("metadata.counters.ERRORS") != 1.0 {
		t.Errorf("it ended as %s", r.raw)
	}
	if r := c.do("GET", "/crm/exports/2026-09/export/async/tasks/"+export+"/status", nil).want(t, 200); r.text("status") != "COMPLETE" {
		t.Errorf("the export is %s", r.raw)
	}
	if err := c.portal.Close(); err != nil {
		t.Error(err)
	}
}

func contactExport(search any) map[string]any {
	body := map[string]any{"exportType": "VIEW", "exportName": "all", "format": "CSV", "language": "EN", "objectType": "CONTACT", "objectProperties": []string{"email", "lifecyclestage", "lastmodifieddate"},
		"exportInternalValuesOptions": []string{"NAMES", "VALUES"}}
	if search != nil {
		body["publicCrmSearchRequest"] = search
	}
	return body
}

// download reads a result, with or without the token.
func (c *client) download(address string, token bool) (int, string) {
	c.t.Helper()
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if token {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func TestAnExportGivesAFileWhoseAddressEndsAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	anna := c.contact(props{"email": "anna@example.com", "lifecyclestage": "customer"})
	c.contact(props{"email": "bob@example.com"})
	search := map[string]any{"filters": []any{map[string]any{"propertyName": "lifecyclestage", "operator": "EQ", "value": "customer"}}}
	first := c.do("POST", "/crm/exports/2026-09/export/async", contactExport(search)).want(t, 202).text("id")
	second := c.do("POST", "/crm/exports/2026-09/export/async", contactExport(nil)).want(t, 202).text("id")
	status := func(id string) result {
		return c.do("GET", "/crm/exports/2026-09/export/async/tasks/"+id+"/status", nil).want(t, 200)
	}
	if a, b := status(first).text("status"), status(second).text("status"); a != "PROCESSING" || b != "PENDING" {
		t.Errorf("two at a time are %s and %s", a, b)
	}
	if got := c.do("GET", "/crm/exports/2026-09/export/"+second, nil).want(t, 200).text("exportState"); got != "ENQUEUED" {
		t.Errorf("the second is %s", got)
	}
	clock.advance(10_000)
	done := status(first)
	if done.text("status") != "COMPLETE" {
		t.Fatalf("it is %s", done.raw)
	}
	code, content := c.download(done.text("result"), false)
	want := "Record ID,email,lifecyclestage,lastmodifieddate\n" + anna + ",anna@example.com,customer,2026-11-22T09:00:00Z\n"
	if code != 200 || content != want {
		t.Errorf("%d %q", code, content)
	}
	if code, _ := c.download(done.text("result"), true); code != 400 {
		t.Errorf("a token sent to the store of files gives %d", code)
	}
	clock.advance(5 * 60 * 1000)
	if code, _ := c.download(done.text("result"), false); code != 403 {
		t.Errorf("after five minutes it gives %d", code)
	}
	if code, again := c.download(status(first).text("result"), false); code != 200 || again != want {
		t.Errorf("a fresh address gives %d %q", code, again)
	}
}

func TestExportsAreCheckedAndCounted(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, Tokens: []practice.Token{{Value: "narrow", Scopes: []string{"crm.objects.contacts.read"}}}})
	path := "/crm/exports/2026-09/export/async"
	body := contactExport(nil)
	body["objectProperties"] = []string{"nothing"}
	c.do("POST", path, body).wantError(t, 400, "VALIDATION_ERROR", `The property "nothing" does not exist`)
	body = contactExport(nil)
	delete(body, "exportName")
	if r := c.do("POST", path, body).want(t, 400); !strings.Contains(r.raw, "[exportName]") {
		t.Error(r.raw)
	}
	for range 30 {
		c.do("POST", path, contactExport(nil)).want(t, 202)
		clock.advance(10_000)
	}
	if r := c.do("POST", path, contactExport(nil)).want(t, 429); !strings.Contains(r.raw, "30 exports") {
		t.Error(r.raw)
	}
	clock.set(clock.now().Add(24 * time.Hour))
	c.do("POST", path, contactExport(nil)).want(t, 202)
	c.token = "narrow"
	c.do("POST", path, contactExport(nil)).want(t, 403)
}

func TestALargeExportComesInSeveralFilesOfOneArchive(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now, Limits: practice.Limits{Off: true, ExportFile: 2}})
	for i := range 5 {
		c.contact(props{"email": fmt.Sprintf("p%d@example.com", i)})
	}
	id := c.do("POST", "/crm/exports/2026-09/export/async", contactExport(nil)).want(t, 202).text("id")
	clock.advance(10_000)
	code, content := c.download(c.do("GET", "/crm/exports/2026-09/export/async/tasks/"+id+"/status", nil).want(t, 200).text("result"), false)
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if code != 200 || err != nil {
		t.Fatal(code, err)
	}
	rows := 0
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all, err := csv.NewReader(in).ReadAll()
		if err != nil || all[0][0] != "Record ID" {
			t.Fatal(all, err)
		}
		rows += len(all) - 1
	}
	if len(z.File) != 3 || rows != 5 {
		t.Errorf("%d files with %d rows", len(z.File), rows)
	}
}
