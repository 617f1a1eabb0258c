package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// SyncKeyProperty is the unique, hidden property in which HubSpot keeps our
// key of a record that a run created. HubSpot enforces that it is unique, so
// an answer that got lost can never become a second record. One property
// serves all syncs of an object type, because HubSpot allows ten unique ones
// and a record is created once.
const SyncKeyProperty = "syncline_key"

// schema is what was read of both sides before a run.
type schema struct {
	account    hubspot.Account
	object     hubspot.ObjectType
	properties []record.Property
	source     source.Schema
	env        transform.Env
}

// check reads both schemas and returns what is wrong with the definition.
func (j *job) check(ctx context.Context) ([]definition.Problem, error) {
	d := j.Definition
	var err error
	if j.schema.account, err = j.Client.Account(ctx); err != nil {
		return nil, err
	}
	if d.Deliver != nil {
		return j.checkDelivery(ctx)
	}
	wrong, err := j.checkObject(ctx)
	if err != nil || j.schema.properties == nil {
		return wrong, err
	}
	object := j.schema.object
	if j.schema.source, err = source.Outline(ctx, j.Source); err != nil {
		return nil, err
	}
	columns := make([]string, 0, len(j.schema.source.Columns))
	for _, c := range j.schema.source.Columns {
		columns = append(columns, c.Name)
	}
	if problems := j.openQuestions(); len(problems) > 0 {
		return problems, nil // how the columns are called may depend on the answers
	}
	problems := append(wrong, definition.Check(d, columns, j.schema.properties)...)
	problems = append(problems, j.checkSamePortal()...)
	unlisted, err := j.checkFilterList(ctx)
	if err != nil {
		return nil, err
	}
	problems = append(problems, unlisted...)
	// Without its key columns the source can't be written anyway.
	if !slices.ContainsFunc(problems, func(p definition.Problem) bool { return strings.HasPrefix(p.Key, "source.") }) {
		problems = append(problems, j.checkAbilities()...)
	}
	if len(problems) > 0 {
		return problems, nil
	}
	if err := j.readEnv(ctx); err != nil {
		return nil, err
	}
	j.mapping, err = mapping.New(d, MapObject(object), j.schema.properties, j.schema.env)
	if err != nil {
		return []definition.Problem{{Line: d.Line("fields"), Key: "fields", Msg: err.Error()}}, nil
	}
	if err := j.look(ctx); err != nil {
		return nil, err
	}
	j.mapping.UseNames(j.namedColumns())
	if j.hasSyncKey() {
		j.mapping.UseSyncKey(SyncKeyProperty)
	}
	return j.checkEdges(ctx)
}

// openQuestions are what has to be answered about the source before anything of
// it is written.
func (j *job) openQuestions() []definition.Problem {
	var problems []definition.Problem
	for _, q := range j.schema.source.Open {
		if q.Column != "" && !slices.Contains(j.Definition.Columns(), q.Column) {
			continue
		}
		key := "source." + q.Key
		line := j.Definition.Line(key)
		if line == 0 {
			line = j.Definition.Line("source")
		}
		problems = append(problems, definition.Problem{Line: line, Key: key, Msg: q.Msg})
	}
	return problems
}

// noteReading says what the source made of what it was read from, as far as it
// concerns the sync.
func (j *job) noteReading() {
	teller, ok := j.Source.(source.Teller)
	if !ok {
		return
	}
	for _, n := range teller.Notes() {
		if n.Column == "" || j.mapping.Needs(n.Column) && (!n.Numbers || j.mapping.AsksPoint(n.Column)) && (!n.Texts || j.mapping.TakesText(n.Column)) {
			j.note("%s", n.Text)
		}
	}
}

// readEnv reads what the transforms and the properties need, and only that.
// What only a property needs is left for HubSpot to judge where its scope is
// missing.
func (j *job) readEnv(ctx context.Context) error {
	j.schema.env = transform.Env{Zone: j.Definition.Source.Location()}
	if asked := j.uses("owner"); asked || j.maps(func(p record.Property) bool { return strings.EqualFold(p.Reference, "OWNER") }) {
		owners, err := j.Client.Owners(ctx)
		if err != nil && (asked || !hubspot.IsScopes(err)) {
			return err
		}
		for _, o := range owners {
			j.schema.env.Owners = append(j.schema.env.Owners, transform.Owner{ID: o.ID, Email: o.Email, First: o.FirstName, Last: o.LastName, Archived: o.Archived})
		}
	}
	if asked := j.uses("pipeline-stage"); asked || j.maps(mapping.OfPipelines(MapObject(j.schema.object))) {
		pipelines, err := j.Client.Pipelines(ctx, j.schema.object.Name)
		if err != nil && (asked || !hubspot.IsScopes(err)) {
			return err
		}
		for _, p := range pipelines {
			for _, s := range p.Stages {
				j.schema.env.Stages = append(j.schema.env.Stages, transform.Stage{Pipeline: p.ID, PipelineLabel: p.Label, ID: s.ID, Label: s.Label})
			}
		}
	}
	return nil
}

// maps reports whether the sync writes to a property of a kind, or brings it to
// the source.
func (j *job) maps(is func(record.Property) bool) bool {
	return slices.ContainsFunc(j.schema.properties, func(p record.Property) bool {
		return is(p) && slices.ContainsFunc(j.Definition.Fields, func(f definition.Field) bool { return f.Property == p.Name })
	})
}

func (j *job) uses(step string) bool {
	for _, f := range j.Definition.Fields {
		for _, s := range append(slices.Clone(f.ToHubSpot), f.FromHubSpot...) {
			if s.Name == step {
				return true
			}
		}
	}
	return false
}

// guardIn makes this process the only one that runs the sync.
func (j *job) guardIn(ctx context.Context) (release func(), err error) {
	d := j.Definition
	yaml, err := d.YAML()
	if err != nil {
		return nil, err
	}
	if err := j.adoptMade(ctx); err != nil {
		return nil, err
	}
	j.sync, err = j.Store.EnsureSync(ctx, store.Sync{UID: d.ID, Name: d.Name, Path: absolute(d.Path), Definition: string(yaml),
		PortalID: j.schema.account.PortalID, Object: j.schema.object.ID}, cmp.Or(j.FreshID, definition.NewID()))
	if err != nil {
		return nil, err
	}
	release, err = j.Store.Lease(j.sync.ID)
	if err != nil {
		return nil, err
	}
	if err := j.Store.SweepRuns(ctx, j.sync.ID); err != nil {
		release()
		return nil, err
	}
	if err := j.compareGenerations(ctx); err != nil {
		release()
		return nil, err
	}
	j.noteColumns()
	if d.Deliver == nil {
		j.noteChanges()
	}
	return release, nil
}

// keepID writes the sync's id into its document, before the first write to
// HubSpot hangs on it. The workspace knows the id already, so that a document
// that can't be written, or a process that ends here, loses nothing.
func (j *job) keepID(ctx context.Context) error {
	if j.Definition.ID != "" || j.WriteID == nil {
		return nil
	}
	if err := j.WriteID(ctx, j.sync.UID); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		j.notes = append(j.notes, fmt.Sprintf("The id of this sync can't be written into its document (%v): it counts by its path, so leave the document where it is.", err))
		return nil
	}
	j.at("id-written")
	return j.Store.WroteUID(ctx, j.sync.Path)
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil && path != "" {
		return abs
	}
	return path
}

// noteColumns says which columns of the sync bear a name that stands more than
// once or not at all in the source.
func (j *job) noteColumns() {
	for _, renamed := range strings.Split(j.schema.source.Details["columns"], "; ") {
		for column := range j.mapping.Columns {
			if column != "" && strings.Contains(renamed, "“"+column+"”") {
				j.notes = append(j.notes, fmt.Sprintf("In the source %s.", renamed))
				break
			}
		}
	}
}

// noteChanges finds the lines of the field map that mean something else than
// when their base was made: those start anew, like a first run.
func (j *job) noteChanges() {
	j.rebase = make(map[string]bool)
	if len(j.sync.Mapping) == 0 {
		return // nothing ever agreed
	}
	for property, hash := range j.mapping.Hashes() {
		if j.sync.Mapping[property] != hash {
			j.rebase[property] = true
		}
	}
	for property := range j.sync.Mapping {
		if property != "" && j.mapping.ByProperty[property] == nil {
			j.rebase[property] = true
		}
	}
	var names []string
	for property := range j.rebase {
		if property != "" {
			names = append(names, property)
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		j.notes = append(j.notes, fmt.Sprintf("The field map changed for %s: these fields start anew, as in a first run.", strings.Join(names, ", ")))
	}
}

// startAnew takes the fields that start anew out of what the pairs agreed on,
// before anything of the plan is carried out: what the plan does not bring to
// agreement, such as a row that was left out, is to start anew in the next run too.
// That the run has another map than the one before it, and so takes nothing away,
// holds until it has come to its end.
func (j *job) startAnew(ctx context.Context, pl plan.Plan) error {
	hashes, anew := j.mapping.Hashes(), maps.Clone(j.rebase)
	delete(anew, "")
	if j.sync.Runs > 0 && j.rebase[""] || len(anew) > 0 {
		delete(hashes, "")
	}
	if pl.Kind == plan.KindUndo || maps.Equal(hashes, j.sync.Mapping) {
		return nil
	}
	if err := j.Store.StartAnew(ctx, j.sync.ID, slices.Sorted(maps.Keys(anew)), j.mapping.Hash, hashes); err != nil {
		return err
	}
	j.sync.Mapping = hashes
	j.at("started-anew")
	for property := range anew {
		delete(j.rebase, property)
	}
	if len(anew) > 0 {
		j.rebase[""] = true
	}
	return nil
}

// hasSyncKey tells whether the portal has our property in the right form.
func (j *job) hasSyncKey() bool {
	if j.NoSyncKey {
		return false
	}
	return slices.ContainsFunc(j.schema.properties, func(p record.Property) bool { return p.Name == SyncKeyProperty && p.Unique })
}

// ensureSyncKey makes our property when the plan creates records. A portal
// that refuses it is used all the same, with the weaker guarantee said.
func (j *job) ensureSyncKey(ctx context.Context) error {
	if j.NoSyncKey || j.mapping.SyncKey != "" {
		return nil
	}
	err := j.makeSyncKey(ctx, j.schema.object.Name, j.schema.properties)
	switch {
	case err == nil:
		j.mapping.UseSyncKey(SyncKeyProperty)
		return nil
	case !hubspot.Refused(err):
		return fmt.Errorf("the property %s, which keeps records from being created twice, could not be made in HubSpot, so nothing was written: %w", SyncKeyProperty, err)
	}
	j.notes = append(j.notes, fmt.Sprintf("HubSpot did not allow the property %s (%v). Creates are secured by the journal and the match keys only: an answer lost by the network could, rarely, leave a record twice.", SyncKeyProperty, err))
	return nil
}

// makeSyncKey makes our property of an object type that has these.
func (j *job) makeSyncKey(ctx context.Context, object string, properties []record.Property) error {
	group := "contactinformation"
	for _, p := range properties {
		if p.Name == "createdate" || p.Name == "hs_createdate" || p.Name == "hs_object_id" {
			group = p.Group
		}
	}
	_, err := j.Client.EnsureProperty(ctx, object, hubspot.NewProperty{
		Name: SyncKeyProperty, Label: "Syncline key", Type: record.TypeString, FieldType: "text", Group: group, Unique: true, Hidden: true,
		Description: "Set by Syncline on the records that it creates, so that none is ever created twice.",
	})
	return err
}

// syncKeyOf is our key for the record of a row: lower-case, so that it does
// not matter whether HubSpot compares case.
func (j *job) syncKeyOf(rowKey string) string {
	sum := sha256.Sum256([]byte(rowKey))
	return j.sync.Profile + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:26])
}

func (j *job) sourceIdentity(context.Context) (string, error) {
	return j.schema.source.Identity, nil
}
