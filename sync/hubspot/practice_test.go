package hubspot_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
)

// practise returns a practice portal and a client of it.
func practise(t testing.TB, o practice.Options) (*practice.Portal, *hubspot.Client) {
	t.Helper()
	p := practicetest.New(t, o)
	return p, connect(t, p.Transport(), func(cfg *hubspot.Config) { cfg.Tokens = hubspot.StaticToken(p.Token()) })
}

func texts(pairs ...string) record.Values {
	v := make(record.Values)
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = record.Text(pairs[i+1])
	}
	return v
}

// must takes a call's results and gives a function that fails the test on an
// error, else returns the value: must(c.Account(ctx))(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// truth returns one property as the portal has it.
func truth(t testing.TB, p *practice.Portal, objectType, id, property string) string {
	t.Helper()
	rec, ok := p.Record(objectType, id)
	if !ok {
		t.Fatalf("the portal has no %s %s", objectType, id)
	}
	return rec[property]
}

func TestPracticeAccount(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Name: "Ours", TimeZone: "Europe/Dublin", Currency: "EUR"})
	account := must(c.Account(t.Context()))(t)
	if account.PortalID != p.PortalID() || account.Name != "Ours" || account.Type != "STANDARD" || account.TimeZone != "Europe/Dublin" || account.Currency != "EUR" {
		t.Errorf("Account = %+v", account)
	}
	info := must(c.TokenInfo(t.Context()))(t)
	if info.PortalID != p.PortalID() || info.AppID == 0 || len(info.Scopes) == 0 {
		t.Errorf("TokenInfo = %+v", info)
	}
	for _, typ := range []string{"contacts", "companies", "deals", "tickets", "2-1"} {
		found, _ := hubspot.FindObjectType(typ)
		need := slices.Concat(hubspot.ReadScopes(found), hubspot.WriteScopes(found), hubspot.SchemaWriteScopes(found))
		if missing := hubspot.MissingScopes(info.Scopes, need); len(missing) > 0 {
			t.Errorf("%s: the portal's token with every scope lacks %v", typ, missing)
		}
	}
	usage := must(c.DailyUsage(t.Context()))(t)
	if !usage.Known || usage.Limit != 250_000 {
		t.Errorf("DailyUsage = %+v", usage)
	}
	if c.Date().IsZero() {
		t.Error("the portal's answers carry no Date")
	}
}

func TestPracticeDiscover(t *testing.T) {
	t.Parallel()
	for _, hublet := range []string{"na1", "eu1"} {
		p := practicetest.New(t, practice.Options{Hublet: hublet})
		base, account, info, err := hubspot.Discover(t.Context(), `"`+p.Token()+`" `, hubspot.Config{Transport: p.Transport()})
		if err != nil || base != hubspot.HostsFor(p.Token())[0] || account.PortalID != p.PortalID() || len(info.Scopes) == 0 {
			t.Errorf("%s: %q, %+v, %+v, %v", hublet, base, account, info, err)
		}
	}
	p := practicetest.New(t, practice.Options{})
	p.RevokeToken(p.Token())
	if _, _, _, err := hubspot.Discover(t.Context(), p.Token(), hubspot.Config{Transport: p.Transport()}); !hubspot.IsAuth(err) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestPracticeRecords(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{})
	ctx := t.Context()
	made := must(c.Create(ctx, "contacts", texts("email", "Ann@Example.com", "firstname", "Ann", "phone", "+1 555")))(t)
	if made.ID == "" || made.Properties["email"] != record.Text("ann@example.com") || made.Created.IsZero() || made.Updated.IsZero() {
		t.Fatalf("Create = %+v", made)
	}
	// Null leaves alone, "" clears.
	update := record.Values{"firstname": record.None(), "phone": record.Text(""), "city": record.Text("Köln <&>")}
	must(c.Update(ctx, "contacts", made.ID, update))(t)
	got := must(c.Get(ctx, "contacts", made.ID, hubspot.ReadRequest{Properties: []string{"firstname", "phone", "city", "no_such_property"}, History: []string{"phone"}}))(t)
	if got.Properties["firstname"] != record.Text("Ann") || !got.Properties["phone"].Empty() || got.Properties["city"] != record.Text("Köln <&>") {
		t.Errorf("Get = %+v", got.Properties)
	}
	info := must(c.TokenInfo(ctx))(t)
	history := got.History["phone"]
	if len(history) != 2 || !history[0].Value.Empty() || history[1].Value != record.Text("+1 555") || history[0].At.Before(history[1].At) || history[0].SourceID != fmt.Sprint(info.AppID) {
		t.Errorf("history = %+v, the token's app is %d", history, info.AppID)
	}
	byEmail := must(c.Get(ctx, "contacts", "ann@example.com", hubspot.ReadRequest{IDProperty: "email"}))(t)
	if byEmail.ID != made.ID {
		t.Errorf("by e-mail: %+v", byEmail)
	}
	if err := c.Archive(ctx, "contacts", made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get(ctx, "contacts", made.ID, hubspot.ReadRequest{}); !hubspot.IsNotFound(err) {
		t.Errorf("after archiving: %v", err)
	}
	archived := must(c.Get(ctx, "contacts", made.ID, hubspot.ReadRequest{Archived: true}))(t)
	if !archived.Archived || archived.ArchivedAt.IsZero() {
		t.Errorf("archived: %+v", archived)
	}
	bin := must(c.List(ctx, "contacts", hubspot.ListRequest{Archived: true}))(t)
	if len(bin.Records) != 1 || bin.Records[0].ID != made.ID || !bin.Records[0].Archived {
		t.Errorf("the bin: %+v", bin)
	}
	if p.Count("contacts") != 0 {
		t.Errorf("the portal counts %d contacts", p.Count("contacts"))
	}
}

func TestPracticeListReachesEveryRecord(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{})
	want := make(map[string]bool)
	for i := range 250 {
		want[must(p.Create("companies", map[string]string{"name": fmt.Sprint("Company ", i)}))(t)] = true
	}
	var many []string // more names than fit into an address
	for i := range 300 {
		many = append(many, fmt.Sprintf("some_property_that_is_not_there_%03d", i))
	}
	for _, properties := range [][]string{{"name"}, append(many, "name")} {
		seen := make(map[string]bool)
		after, pages := "", 0
		for {
			page := must(c.List(t.Context(), "companies", hubspot.ListRequest{After: after, Properties: properties}))(t)
			pages++
			for _, rec := range page.Records {
				if rec.Properties["name"].Empty() || seen[rec.ID] {
					t.Errorf("record %+v", rec)
				}
				seen[rec.ID] = true
			}
			if after = page.After; after == "" {
				break
			}
		}
		if pages != 3 || !maps.Equal(seen, want) {
			t.Errorf("%d pages with %d of %d records", pages, len(seen), len(want))
		}
	}
}

func TestPracticeMerges(t *testing.T) {
	t.Parallel()
	for _, keeps := range practicetest.Ways(t, "MergeKeepsPrimaryID") {
		p, c := practise(t, practice.Options{Switches: practice.Switches{MergeKeepsPrimaryID: keeps}})
		ctx := t.Context()
		var ids []string
		for i := range 5 {
			ids = append(ids, must(p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)}))(t))
		}
		survivor := must(c.Merge(ctx, "contacts", ids[0], ids[1]))(t)
		byPerson := must(p.Merge("contacts", ids[2], ids[3]))(t)
		if !keeps && (survivor.ID == ids[0] || survivor.ID == ids[1]) {
			t.Errorf("the survivor kept the id %s", survivor.ID)
		}
		old := must(c.Get(ctx, "contacts", ids[1], hubspot.ReadRequest{}))(t)
		if old.ID != survivor.ID {
			t.Errorf("the old id %s reads as %s, not %s", ids[1], old.ID, survivor.ID)
		}
		read := must(c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{IDs: append(ids, "999999999999"), Properties: []string{"email"}}))(t)
		moved := map[string]string{ids[0]: survivor.ID, ids[1]: survivor.ID, ids[2]: byPerson, ids[3]: byPerson}
		if keeps {
			delete(moved, ids[0])
			delete(moved, ids[2])
		}
		if diff := cmp.Diff(moved, read.Moved); diff != "" {
			t.Errorf("keeps %v: Moved (-want +got):\n%s", keeps, diff)
		}
		if !cmp.Equal(read.Missing, []string{"999999999999"}) || len(read.Unaccounted) > 0 {
			t.Errorf("keeps %v: Missing %v, Unaccounted %v", keeps, read.Missing, read.Unaccounted)
		}
	}
}

func TestPracticeBatches(t *testing.T) {
	t.Parallel()
	for _, shuffled := range []bool{false, true} {
		p, c := practise(t, practice.Options{Switches: practice.Switches{OrderedBatchResults: !shuffled, EchoTraceIDs: shuffled}})
		ctx := t.Context()
		taken := must(p.Create("contacts", map[string]string{"email": "taken@example.com"}))(t)
		inputs := []hubspot.CreateInput{
			{Properties: texts("email", "a@example.com"), TraceID: "t-a"},
			{Properties: texts("email", "taken@example.com"), TraceID: "t-taken"},
			{Properties: texts("email", "b@example.com", "lifecyclestage", "nonsense"), TraceID: "t-b"},
			{Properties: texts("email", "c@example.com"), TraceID: "t-c"},
		}
		got := must(c.BatchCreate(ctx, "contacts", inputs))(t)
		failed := make(map[string]*hubspot.Error)
		for _, f := range got.Failures {
			failed[f.TraceID] = f.Err
		}
		if len(got.Records) != 2 || len(failed) != 2 || !hubspot.IsConflict(failed["t-taken"]) || failed["t-taken"].ExistingID() != taken {
			t.Fatalf("records %+v, failures %+v", got.Records, got.Failures)
		}
		if d := failed["t-b"].Details; len(d) != 1 || d[0].Property != "lifecyclestage" || d[0].Code != "INVALID_OPTION" {
			t.Errorf("t-b: %+v", failed["t-b"])
		}
		if shuffled && len(got.Traces) != 2 {
			t.Errorf("the echoed trace ids: %v", got.Traces)
		}
		if got.ServerTime.IsZero() {
			t.Error("no server time")
		}

		// Without trace ids the batch fails as a whole, and nothing is written.
		before := p.Count("contacts")
		_, err := c.BatchCreate(ctx, "contacts", []hubspot.CreateInput{{Properties: texts("email", "new@example.com")}, {Properties: texts("email", "taken@example.com")}})
		if !hubspot.IsConflict(err) || hubspot.Unknown(err) || p.Count("contacts") != before {
			t.Errorf("err = %v, %d records more", err, p.Count("contacts")-before)
		}

		update := must(c.BatchUpdate(ctx, "contacts", []hubspot.UpdateInput{
			{ID: taken, Properties: texts("firstname", "New")}, {ID: "888888888888", Properties: texts("firstname", "X")},
		}))(t)
		if len(update.Records) != 1 || update.Records[0].ID != taken || len(update.Failures) != 1 ||
			!cmp.Equal(update.Failures[0].IDs, []string{"888888888888"}) || !hubspot.IsNotFound(update.Failures[0].Err) {
			t.Errorf("update: %+v", update)
		}
		if truth(t, p, "contacts", taken, "firstname") != "New" {
			t.Error("the update is not there")
		}
		if err := c.BatchArchive(ctx, "contacts", []string{taken, "777777777777"}); err != nil {
			t.Errorf("archive: %v", err)
		}
		if _, ok := p.Record("contacts", taken); ok {
			t.Error("the archived record is there")
		}
	}
}

func TestPracticeUpsertByOwnKey(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{})
	ctx := t.Context()
	key := hubspot.NewProperty{Name: "syncline_key", Label: "Syncline key", Type: record.TypeString, Unique: true, Hidden: true}
	for _, typ := range []string{"contacts", "companies", "deals"} {
		if made := must(c.CreateProperty(ctx, typ, key))(t); !made.Unique || !made.Writable() || made.Group == "" {
			t.Errorf("%s: %+v", typ, made)
		}
		if _, err := c.CreateProperty(ctx, typ, key); !hubspot.IsConflict(err) {
			t.Errorf("%s: made again: %v", typ, err)
		}
	}
	inputs := []hubspot.UpsertInput{
		{ID: "k1", IDProperty: "syncline_key", Properties: texts("name", "One"), TraceID: "1"},
		{ID: "k2", IDProperty: "syncline_key", Properties: texts("name", "Two"), TraceID: "2"},
	}
	first := must(c.BatchUpsert(ctx, "companies", inputs))(t)
	if len(first.Records) != 2 || len(first.New) != 2 {
		t.Fatalf("first: %+v", first)
	}
	inputs[1].Properties = texts("name", "Zwei")
	second := must(c.BatchUpsert(ctx, "companies", inputs))(t)
	if len(second.Records) != 2 || len(second.New) != 0 || p.Count("companies") != 2 {
		t.Errorf("second: %+v, %d companies", second, p.Count("companies"))
	}
	for _, rec := range second.Records {
		if rec.Properties["syncline_key"] == record.Text("k2") && truth(t, p, "companies", rec.ID, "name") != "Zwei" {
			t.Errorf("%+v", rec)
		}
	}
	read := must(c.BatchRead(ctx, "companies", hubspot.BatchReadRequest{IDs: []string{"k1", "k9"}, IDProperty: "syncline_key", Properties: []string{"name"}}))(t)
	if len(read.Records) != 1 || read.Records[0].Properties["name"] != record.Text("One") || !cmp.Equal(read.Missing, []string{"k9"}) {
		t.Errorf("read by key: %+v", read)
	}
	_, err := c.BatchUpsert(ctx, "companies", []hubspot.UpsertInput{{ID: "x.org", IDProperty: "domain", Properties: texts("name", "X")}})
	var e *hubspot.Error
	if !errors.As(err, &e) || e.Status != http.StatusBadRequest {
		t.Errorf("upsert by a property that is not unique: %v", err)
	}
}

func TestPracticeSearch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, c := practise(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)})
		var ids []string
		for i := range 450 {
			ids = append(ids, must(p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%03d@example.com", i), "city": "Bonn"}))(t))
		}
		until := time.Now().Add(time.Hour)
		window := func(after string) hubspot.SearchRequest {
			return hubspot.SearchRequest{
				Groups: [][]hubspot.Filter{{
					{Property: "lastmodifieddate", Operator: hubspot.BETWEEN, Value: "0", HighValue: fmt.Sprint(until.UnixMilli())},
					{Property: "hs_object_id", Operator: hubspot.GT, Value: after},
				}},
				Sort: "hs_object_id", Properties: []string{"email"},
			}
		}
		page := must(c.Search(t.Context(), "contacts", window("0")))(t)
		if page.Total != 0 {
			t.Errorf("%d records before the index caught up", page.Total)
		}
		time.Sleep(15 * time.Second)
		var seen []string
		last := "0"
		for pages := 0; ; pages++ {
			page := must(c.Search(t.Context(), "contacts", window(last)))(t)
			if len(page.Records) == 0 {
				break
			}
			for _, rec := range page.Records {
				seen = append(seen, rec.ID)
			}
			last = seen[len(seen)-1]
			if pages > 3 {
				t.Fatal("no end")
			}
		}
		if !slices.Equal(seen, ids) {
			t.Errorf("the window shows %d of %d records", len(seen), len(ids))
		}
		page = must(c.Search(t.Context(), "contacts", hubspot.SearchRequest{
			Groups: [][]hubspot.Filter{{{Property: "email", Operator: hubspot.IN, Values: []string{"p001@example.com", "p002@example.com"}}}},
			Sort:   "-email", Limit: 1,
		}))(t)
		if page.Total != 2 || page.Records[0].ID != ids[2] || page.After != "1" {
			t.Errorf("IN: %+v", page)
		}
	})
}

func TestPracticeAssociations(t *testing.T) {
	t.Parallel()
	for _, asText := range []bool{false, true} {
		p, c := practise(t, practice.Options{Switches: practice.Switches{AssociationIDsAsText: asText}})
		ctx := t.Context()
		contact := must(p.Create("contacts", map[string]string{"email": "a@example.com"}))(t)
		lonely := must(p.Create("contacts", map[string]string{"email": "b@example.com"}))(t)
		var companies []string
		for i := range 3 {
			companies = append(companies, must(p.Create("companies", map[string]string{"name": fmt.Sprint(i)}))(t))
		}
		labels := must(c.AssociationLabels(ctx, "contacts", "companies"))(t)
		primary := slices.IndexFunc(labels, func(a hubspot.AssociationType) bool { return a.TypeID == 1 })
		if primary < 0 || labels[primary].Label != "Primary" {
			t.Fatalf("labels %+v", labels)
		}
		got := must(c.BatchCreateAssociations(ctx, "contacts", "companies", []hubspot.Edge{
			{From: contact, To: companies[0]},
			{From: contact, To: companies[1], Types: labels[primary : primary+1]},
			{From: contact, To: companies[2]},
		}))(t)
		if len(got.Edges) != 3 || len(got.Failures) != 0 {
			t.Errorf("create: %+v", got)
		}
		edges := func() map[string][]int {
			read := must(c.BatchReadAssociations(ctx, "contacts", "companies", []string{contact, lonely}))(t)
			if len(read.Failures) > 0 {
				t.Errorf("failures %+v", read.Failures)
			}
			m := make(map[string][]int)
			for _, e := range read.Edges {
				if e.From != contact {
					t.Errorf("edge %+v", e)
				}
				for _, typ := range e.Types {
					m[e.To] = append(m[e.To], typ.TypeID)
				}
				slices.Sort(m[e.To])
			}
			return m
		}
		want := map[string][]int{companies[0]: {279}, companies[1]: {1, 279}, companies[2]: {279}}
		if diff := cmp.Diff(want, edges()); diff != "" {
			t.Errorf("after create (-want +got):\n%s", diff)
		}
		must(c.BatchArchiveLabels(ctx, "contacts", "companies", []hubspot.Edge{{From: contact, To: companies[1], Types: labels[primary : primary+1]}}))(t)
		must(c.BatchArchiveAssociations(ctx, "contacts", "companies", []hubspot.Edge{{From: contact, To: companies[0]}, {From: contact, To: companies[2]}}))(t)
		if diff := cmp.Diff(map[string][]int{companies[1]: {279}}, edges()); diff != "" {
			t.Errorf("after archive (-want +got):\n%s", diff)
		}
	}
}

// A record with more associations than one answer holds is read to its end.
func TestPracticeLongAssociationLists(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Limits: practice.Limits{Off: true}})
	company := must(p.Create("companies", map[string]string{"name": "Hub"}))(t)
	var edges []hubspot.Edge
	for i := range 1300 {
		contact := must(p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)}))(t)
		edges = append(edges, hubspot.Edge{From: company, To: contact})
	}
	made := must(c.BatchCreateAssociations(t.Context(), "companies", "contacts", edges))(t)
	if len(made.Failures) > 0 {
		t.Fatalf("failures %+v", made.Failures[0])
	}
	read := must(c.BatchReadAssociations(t.Context(), "companies", "contacts", []string{company}))(t)
	seen := make(map[string]bool)
	for _, e := range read.Edges {
		seen[e.To] = true
	}
	if len(seen) != len(edges) || len(read.Edges) != len(edges) {
		t.Errorf("%d edges with %d contacts, want %d", len(read.Edges), len(seen), len(edges))
	}
}

func TestPracticeSchema(t *testing.T) {
	t.Parallel()
	p, c := practise(t, practice.Options{Demo: true, Limits: practice.Limits{Off: true}})
	ctx := t.Context()
	// Every object type that the portal has is one that the client knows, and
	// its declared properties are there.
	for _, id := range p.ObjectTypes() {
		typ, ok := hubspot.FindObjectType(id)
		if !ok {
			t.Errorf("unknown object type %q", id)
			continue
		}
		properties := must(c.Properties(ctx, id))(t)
		names := make(map[string]record.Property)
		for _, prop := range properties {
			names[prop.Name] = prop
		}
		for _, name := range append([]string{"hs_object_id", typ.ModifiedProperty, typ.CreatedProperty}, typ.Primary...) {
			if _, ok := names[name]; !ok {
				t.Errorf("%s (%s) has no property %s", typ.Name, id, name)
			}
		}
		if prop := names["hs_object_id"]; prop.Writable() {
			t.Errorf("%s: hs_object_id is writable", id)
		}
	}
	custom := must(c.CustomObjectTypes(ctx))(t)
	if len(custom) != 1 || custom[0].ID == "" || len(custom[0].Primary) == 0 || custom[0].Label == "" {
		t.Errorf("custom objects %+v", custom)
	} else if page := must(c.List(ctx, custom[0].Name, hubspot.ListRequest{Properties: custom[0].Primary}))(t); len(page.Records) == 0 {
		t.Errorf("no records of %s", custom[0].Name)
	}
	for _, typ := range []string{"deals", "tickets"} {
		pipelines := must(c.Pipelines(ctx, typ))(t)
		closed := 0
		for _, pipeline := range pipelines {
			for _, stage := range pipeline.Stages {
				if stage.Closed {
					closed++
				}
			}
		}
		if len(pipelines) == 0 || closed == 0 {
			t.Errorf("%s: %+v", typ, pipelines)
		}
	}
	left := p.AddOwner("left@example.com", "Lea", "Left")
	p.ArchiveOwner(left)
	owners := must(c.Owners(ctx))(t)
	i := slices.IndexFunc(owners, func(o hubspot.Owner) bool { return o.ID == left })
	if len(owners) < 2 || i < 0 || !owners[i].Archived || owners[i].Name() != "Lea Left" || owners[0].Archived {
		t.Errorf("owners %+v", owners)
	}
}

func TestTheAppOfAClientIsTheSourceOfItsWrites(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practice.Options{})
	for _, token := range []string{p.Token(), p.AddToken(practice.Token{AppID: 77, Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write"}})} {
		c := connect(t, p.Transport(), func(cfg *hubspot.Config) { cfg.Tokens = hubspot.StaticToken(token) })
		if c.AppID() != 0 {
			t.Errorf("an app nobody told of: %d", c.AppID())
		}
		if _, err := c.TokenInfo(t.Context()); err != nil {
			t.Fatal(err)
		}
		rec, err := c.Create(t.Context(), "contacts", record.Values{"firstname": record.Text("A")})
		if err != nil {
			t.Fatal(err)
		}
		read, err := c.Get(t.Context(), "contacts", rec.ID, hubspot.ReadRequest{History: []string{"firstname"}})
		if err != nil {
			t.Fatal(err)
		}
		v := read.History["firstname"][0]
		if want := fmt.Sprint(c.AppID()); c.AppID() == 0 || v.SourceType != "INTEGRATION" || v.SourceID != want {
			t.Errorf("the history names %s %s, the client %s", v.SourceType, v.SourceID, want)
		}
	}
	told := connect(t, p.Transport(), func(cfg *hubspot.Config) { cfg.AppID = 5 })
	if told.AppID() != 5 {
		t.Errorf("AppID = %d", told.AppID())
	}
}
