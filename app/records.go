package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/app/records"
	"syncline/app/shown"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Records are the records of an object type of a portal, to look up.
type Records struct {
	*records.Catalogue
	Portal  Portal
	account hubspot.Account
	app     *App
}

// Records opens an object type of a portal to look records up, by its name, label or id. Values
// are shown in the words.
func (a *App) Records(ctx context.Context, portal, object string, words *shown.Words) (*Records, error) {
	p, err := a.Portal(ctx, portal)
	if err != nil {
		return nil, err
	}
	if p.PortalID == 0 { // the environment's token tells nothing of its portal
		account, err := p.Client.Account(ctx)
		if err != nil {
			return nil, err
		}
		p.PortalID, p.UIDomain = account.PortalID, account.UIDomain
	}
	c, err := records.Open(ctx, p.Client, object, words)
	if err != nil {
		return nil, err
	}
	return &Records{Catalogue: c, Portal: p, account: hubspot.Account{PortalID: p.PortalID, UIDomain: p.UIDomain}, app: a}, nil
}

// RecordTypes are the object types whose records can be looked up in a portal: HubSpot's own, the
// usual ones first, and those that were made in the portal. Whether a portal has one of HubSpot's is
// told when it is opened.
func (a *App) RecordTypes(ctx context.Context, portal string) ([]hubspot.ObjectType, error) {
	p, err := a.Portal(ctx, portal)
	if err != nil {
		return nil, err
	}
	custom, err := p.Client.CustomObjectTypes(ctx)
	if err != nil && !hubspot.IsForbidden(err) && !hubspot.IsScopes(err) && !hubspot.IsUnknownPair(err) {
		return nil, err
	}
	return append(hubspot.OfferedTypes(), custom...), nil
}

// Practice reports whether the records are the practice portal's, which a person may edit here as a
// colleague would. In any other portal HubSpot is where a person edits.
func (r *Records) Practice() bool { return r.Portal.Kind == KindPractice }

// URL is the address of a record's page in HubSpot, "" in the practice portal, which has none.
func (r *Records) URL(id string) string {
	if r.Practice() || r.Portal.PortalID == 0 {
		return ""
	}
	return r.account.RecordURL(r.Object.ID, id)
}

// Writing is a run of ours that wrote a value.
type Writing struct {
	Run      string
	SyncID   int64
	SyncName string
	Person   string // who ran it
	Row      string // the key of the source's row that the value came from
	Field    string // and its name there
	Why      string
}

// Written is one version of a property's value, with the run of ours that wrote it, if one did.
type Written struct {
	records.Entry
	Ours *Writing
	// Gone says that a run of ours may have written it, and that it is kept no longer what that wrote.
	Gone string
}

// History is the history of properties of a record, by property, the newest first. Runs of ours are
// told from everybody else by the audit trail of this workspace: an entry of an app's is a run's
// where that wrote this value there then.
func (r *Records) History(ctx context.Context, id string, properties ...string) (map[string][]Written, error) {
	entries, err := r.Catalogue.History(ctx, id, properties...)
	if err != nil {
		return nil, err
	}
	wrote, err := r.app.Store.WroteTo(ctx, r.Portal.PortalID, r.formerIDs(ctx, id))
	if err != nil {
		return nil, err
	}
	gone, err := r.app.Store.LetGoRuns(ctx, r.Portal.PortalID, r.Object.ID)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]Written, len(entries))
	for name, list := range entries {
		p, _ := r.Property(name)
		all[name] = attributed(list, wrote, p, r.Client.AppID())
		for i := range all[name] {
			if w := &all[name][i]; w.Ours == nil && byApp(w.Version, r.Client.AppID()) {
				w.Gone = letGo(gone, w.At)
			}
		}
	}
	return all, nil
}

// letGo names the run that was under way at a time, of those of which it is kept no longer what they
// wrote: "" where none was. HubSpot's clock is not ours.
func letGo(gone []store.Run, at time.Time) string {
	const apart = 5 * time.Minute
	for _, run := range gone {
		if !at.Before(run.Started.Add(-apart)) && !at.After(run.Ended.Add(apart)) {
			return fmt.Sprintf("The run %s of %s was under way then and may have written it: what it wrote is kept no longer, by the rule in Settings", run.ID, run.SyncName)
		}
	}
	return ""
}

// formerIDs are the ids that a record has and had: those of the records that were merged into it.
func (r *Records) formerIDs(ctx context.Context, id string) []string {
	const merged = "hs_merged_object_ids"
	all := []string{id}
	got, err := r.Client.Get(ctx, r.Object.Path(), id, hubspot.ReadRequest{Properties: []string{merged}})
	if err != nil {
		return all // the entries are told without the runs of earlier ids
	}
	for old := range strings.SplitSeq(got.Properties[merged].String(), ";") {
		if old = strings.TrimSpace(old); old != "" {
			all = append(all, old)
		}
	}
	return append(all, got.ID)
}

// attributed joins the entries of a property's history with what our runs wrote, both newest first.
// Each writing explains one entry.
func attributed(entries []records.Entry, wrote []store.Wrote, p record.Property, appID int64) []Written {
	rule := record.Rule{Compare: record.DefaultComparison(p)}
	all := make([]Written, len(entries))
	used := make([]bool, len(wrote))
	for i, e := range entries {
		all[i].Entry = e
		if !byApp(e.Version, appID) {
			continue
		}
		k := slices.IndexFunc(wrote, func(w store.Wrote) bool { return w.Property == p.Name && w.Match(e.Version, rule.Same) })
		for k >= 0 && used[k] {
			next := slices.IndexFunc(wrote[k+1:], func(w store.Wrote) bool { return w.Property == p.Name && w.Match(e.Version, rule.Same) })
			if next < 0 {
				k = -1
				break
			}
			k += 1 + next
		}
		if k >= 0 {
			w := wrote[k]
			used[k] = true
			all[i].Ours = &Writing{Run: w.RunID, SyncID: w.SyncID, SyncName: w.SyncName, Person: w.Person, Row: w.RowKey, Field: w.Field, Why: w.Why}
			all[i].Author = "Syncline"
		}
	}
	return all
}

// byApp reports whether a version can be of our app.
func byApp(v record.Version, appID int64) bool {
	if appID != 0 && v.SourceID != "" && v.SourceID != strconv.FormatInt(appID, 10) {
		return false
	}
	switch v.SourceType {
	case "INTEGRATION", "API", "INTEGRATIONS_PLATFORM", "PUBLIC_API", "":
		return true
	}
	return false
}

// WhoWrote tells who wrote what a cell holds: it is the newest version of a cell's history, nil where the property never had a
// value.
func (r *Records) WhoWrote(ctx context.Context, id, property string) (*Written, error) {
	all, err := r.History(ctx, id, property)
	if err != nil || len(all[property]) == 0 {
		return nil, err
	}
	return &all[property][0], nil
}

// Export writes all records that the results have into a .csv or .xlsx file: their ids, and
// the columns with the values as the API has them, or as people see them. It returns how many.
func (r *Records) Export(ctx context.Context, found *records.Results, path string, forPeople bool) (int, error) {
	head := []string{"Record id"}
	for _, name := range found.Columns {
		p, _ := r.Property(name)
		if forPeople && p.Label != "" {
			name = p.Label
		}
		head = append(head, name)
	}
	return exportFile(path, head, func(yield func([]string, error) bool) {
		stopped := false
		err := found.All(ctx, func(page []record.Record) error {
			for _, rec := range page {
				line := []string{rec.ID}
				for _, name := range found.Columns {
					v := rec.Properties[name].String()
					if forPeople {
						v = r.Shown(rec, name)
					}
					line = append(line, v)
				}
				if !yield(line, nil) {
					stopped = true
					return context.Canceled
				}
			}
			return ctx.Err()
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	})
}

// FilterText is a filter as the document of a sync has it, under hubspot.
func (r *Records) FilterText(f records.Filter) (string, error) {
	groups, err := f.Definition(r.Catalogue.Property, r.Words.Zone())
	if err != nil {
		return "", err
	}
	return definition.FilterYAML(groups), nil
}
