package engine

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// importPage is how many rows of an import are kept and read at once.
const importPage = 500

// accounting is how long a run that is stopped goes on to find out what its import
// made; what takes longer is found out by the next run.
const accounting = 2 * time.Minute

// importCreates makes the records of rows that have none by HubSpot's imports, as
// far as that goes: what an import leaves is sent in batches after it, which tell
// exactly what is wrong with each.
func (j *job) importCreates(ctx context.Context, pl plan.Plan) error {
	wanted, err := j.imports(pl)
	if err != nil || !wanted {
		return err
	}
	first, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemCreate)
	if err != nil || len(first) == 0 {
		return err
	}
	why := j.importRefused()
	if why == "" && j.mapping.SyncKey == "" {
		why = "the records have no property of Syncline's, by which they are told from others and never made twice"
	}
	if why != "" {
		j.note("The records were created in batches and not by an import: %s.", why)
		return nil
	}
	for after := 0; ; {
		i, last, err := j.writeImport(ctx, pl, after)
		if err != nil {
			return err
		}
		if i == nil {
			return nil
		}
		after = last
		goOn, err := j.sendImport(ctx, i)
		if err = errors.Join(err, i.remove()); err != nil || !goOn {
			return err
		}
		if err := j.breaker(); err != nil {
			return err
		}
	}
}

// importFile is an import that is about to be started: its rows are in a file,
// and in the journal.
type importFile struct {
	batch   string
	path    string
	columns []string // our key first
	rows    int
	size    int64
	remove  func() error
}

// name is what the import is called in HubSpot, where people see it too.
func importName(batch string) string { return "Syncline " + batch }

// writeImport writes the file of the next import, and the intent of each of its
// rows into the journal before anything is sent. after is the plan's item that the
// one before ended with, last the one that this one ends with. nil: there is nothing
// left to import.
func (j *job) writeImport(ctx context.Context, pl plan.Plan, after int) (i *importFile, last int, err error) {
	refused, err := j.Store.Refused(ctx, j.sync.ID)
	if err != nil {
		return nil, after, err
	}
	dir, remove, err := j.Store.ScratchFolder()
	if err != nil {
		return nil, after, err
	}
	i = &importFile{batch: store.ImportBatch + batchID(), path: filepath.Join(dir, "records.csv"), columns: j.importColumns(), remove: remove}
	out, err := os.OpenFile(i.path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return nil, after, errors.Join(err, remove())
	}
	buffer := bufio.NewWriter(out)
	w := csv.NewWriter(buffer)
	last, err = after, w.Write(i.columns)
	for err == nil && i.rows < importRows {
		var items []plan.Item
		items, err = j.Store.Todo(ctx, pl.ID, last, min(importPage, importRows-i.rows), plan.ItemCreate)
		if err != nil || len(items) == 0 {
			break
		}
		last = items[len(items)-1].N
		if items, err = j.stillDecided(ctx, pl, items); err == nil {
			err = j.importItems(ctx, pl, i, w, items, refused)
		}
		if err == nil {
			err = ctx.Err()
		}
		j.at("import-page")
	}
	w.Flush()
	err = errors.Join(err, w.Error(), buffer.Flush(), out.Close())
	if err == nil && i.rows == 0 {
		return nil, last, remove()
	}
	if err != nil {
		return nil, last, errors.Join(err, remove())
	}
	info, err := os.Stat(i.path)
	if err != nil {
		return nil, last, errors.Join(err, remove())
	}
	i.size = info.Size()
	return i, last, nil
}

// importColumns are the properties of an import's file: our key, and all that
// flows to HubSpot.
func (j *job) importColumns() []string {
	columns := []string{j.mapping.SyncKey}
	for k := range j.mapping.Fields {
		if f := &j.mapping.Fields[k]; f.Direction != definition.FromHubSpot {
			columns = append(columns, f.Property)
		}
	}
	return columns
}

// importItems adds the rows of items to an import. What was refused before, or
// writes what has no column, is left to the batches.
func (j *job) importItems(ctx context.Context, pl plan.Plan, i *importFile, w *csv.Writer, items []plan.Item, refused map[string]bool) error {
	items, err := j.unlinked(ctx, pl, items)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(i.columns))
	for _, name := range i.columns {
		known[name] = true
	}
	fits := items[:0:0]
	for _, it := range items {
		fit := !refused[it.RowKey]
		for _, e := range it.Edits {
			fit = fit && (e.Action != plan.EditHubSpot || known[e.Property])
		}
		if fit {
			fits = append(fits, it)
		}
	}
	ops, err := j.createOps(ctx, pl, fits)
	if err != nil || len(ops) == 0 {
		return err
	}
	if err := j.beginIn(ctx, i.batch, i.rows, ops); err != nil {
		return err
	}
	cells := make([]string, len(i.columns))
	for _, op := range ops {
		for k, name := range i.columns {
			cells[k] = op.Fields[name].String()
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	i.rows += len(ops)
	return nil
}

// sendImport starts an import, follows it to its end and accounts for each of its
// rows. goOn is false where HubSpot takes no imports now: batches do the rest.
func (j *job) sendImport(ctx context.Context, i *importFile) (goOn bool, err error) {
	j.at("import-intent")
	if err := ctx.Err(); err != nil {
		return false, errors.Join(err, j.dropImport(context.WithoutCancel(ctx), i.batch, err, false))
	}
	req := hubspot.ImportRequest{Name: importName(i.batch), ObjectType: j.schema.object.ID, Columns: i.columns, Key: i.columns[0], Size: i.size,
		Open: func() (io.ReadCloser, error) { return os.Open(i.path) }}
	started, err := j.Client.StartImport(ctx, req)
	j.at("import-started")
	switch {
	case err == nil:
	case hubspot.Unknown(err):
		return true, j.settleImport(ctx, i.batch, err)
	case fatal(err) && !hubspot.IsScopes(err):
		return false, errors.Join(err, j.dropImport(context.WithoutCancel(ctx), i.batch, err, false))
	default:
		j.note("HubSpot did not take the import of %d records (%v), so they were created in batches.", i.rows, err)
		return false, j.dropImport(ctx, i.batch, err, false)
	}
	return true, j.followImport(ctx, i.batch, started.ID)
}

// followImport waits for an import and accounts for it. Where the run is stopped,
// the import is too, and what it made until then is accounted for.
func (j *job) followImport(ctx context.Context, batch, id string) error {
	before := j.Progress.Snapshot().Batch
	show := func(x hubspot.Import) {
		j.lane(func(l *Lane) {
			l.What = "Importing " + strings.ToLower(j.schema.object.Label)
			if x.State == hubspot.ImportDeferred {
				l.What = "Waiting for HubSpot’s other imports"
			}
			if l.Total > 0 {
				l.Done = min(before.Done+x.Written(), l.Total)
			}
		})
	}
	ended, err := j.Client.WaitImport(ctx, id, show)
	j.at("import-ended")
	if err == nil {
		err = j.accountImport(ctx, batch, &ended)
	}
	if ctx.Err() == nil {
		j.lane(func(l *Lane) { l.What = "Writing " + strings.ToLower(j.schema.object.Label) })
		if err == nil && (ended.State == hubspot.ImportCanceled || ended.State == hubspot.ImportReverted) {
			err = errImportEnded{ended}
		}
		return err
	}
	stopped := ctx.Err()
	ctx, cancel := context.WithTimeout(hubspot.UseReserve(context.WithoutCancel(ctx)), accounting)
	defer cancel()
	if err := j.Client.CancelImport(ctx, id); err != nil {
		return errors.Join(stopped, err)
	}
	if ended, err = j.Client.WaitImport(ctx, id, show); err == nil {
		err = j.accountImport(ctx, batch, &ended)
	}
	if err != nil {
		j.note("What the import made until it was stopped is not known yet (%v): the next run finds it out before it does anything else.", err)
	}
	return stopped
}

// errImportEnded says that somebody ended an import in HubSpot: who stops it there stops the run.
type errImportEnded struct{ is hubspot.Import }

func (e errImportEnded) Error() string {
	did := "cancelled"
	if e.is.State == hubspot.ImportReverted {
		did = "reverted"
	}
	return fmt.Sprintf("the import %q was %s in HubSpot after %d records, so the run stopped there: what it made is linked, and the next run creates what is left", e.is.Name, did, e.is.Written())
}

// recoverImports brings the imports to their end that an earlier run started, or
// was about to: they are known by their names, and none is started again.
func (j *job) recoverImports(ctx context.Context) error {
	sent, err := j.Store.SentImports(ctx, j.sync.ID)
	if err != nil || len(sent) == 0 {
		return err
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseRecover })
	for _, i := range sent {
		j.runID = i.RunID
		err := j.settleImport(hubspot.UseReserve(ctx), i.Batch, errors.New("the program ended before the import did"))
		if by := (errImportEnded{}); err != nil && !errors.As(err, &by) { // one that was ended is over, and this is the next run
			return fmt.Errorf("what became of an import of %d records could not be found out: %w", i.Ops, err)
		}
	}
	j.runID = ""
	return nil
}

// settleImport finds out what became of an import whose start was not answered,
// and accounts for it.
func (j *job) settleImport(ctx context.Context, batch string, why error) error {
	if err := ctx.Err(); err != nil {
		return err // the next run does it
	}
	found, ok, err := j.Client.FindImport(ctx, importName(batch))
	switch {
	case hubspot.IsScopes(err):
		return j.accountImport(ctx, batch, nil) // by what is there
	case err != nil:
		return err
	case !ok:
		return j.dropImport(ctx, batch, why, true)
	}
	return j.followImport(ctx, batch, found.ID)
}

// dropImport ends the operations of an import that did not take place. doubt: its
// request may still be under way somewhere. Then HubSpot refuses a second record of
// each key, whichever comes first.
func (j *job) dropImport(ctx context.Context, batch string, why error, doubt bool) error {
	for {
		ops, err := j.Store.SentOfBatch(ctx, j.sync.ID, batch, 0, importPage)
		if err != nil || len(ops) == 0 {
			return err
		}
		outcomes := dropped(ops, why)
		if doubt && j.Client.Date().Sub(ops[0].Version) < landsLater {
			outcomes = inDoubt(ops, why)
		}
		if err := j.finish(ctx, outcomes); err != nil {
			return err
		}
	}
}
