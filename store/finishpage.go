package store

import (
	"slices"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// Most outcomes of a batch say the same of their operations: done, on a pair
// that is linked, with values that both sides agree on now. Those are kept
// together, table by table, with a few statements for all of them.

// page is outcomes that are kept together.
type page struct {
	all   []*Outcome
	links map[int64]bool
	items map[int]bool
}

// plain reports whether an outcome says no more than most do.
func (f *finisher) plain(o *Outcome) bool {
	if o.Op.ID == 0 || o.Op.LinkID == 0 || o.Link == nil || o.Record == nil || o.Fate == "" || o.Err != "" || f.whole {
		return false
	}
	if o.Unlink || o.Forget || o.Aside || o.Drop || o.Anew || o.Unflag || o.Flag != nil || o.Attention != nil || o.RowValues != nil {
		return false
	}
	if o.Tomb != "" || o.Rest != "" || o.Apart != "" || len(o.RowRaw)+len(o.Settled)+len(o.Rulings)+len(o.Edges)+len(o.Waits) > 0 {
		return false
	}
	it, ok := f.items[itemID{o.PlanID, o.N}]
	return ok && it.kind != plan.ItemEdges && it.kind != plan.ItemEdgeRow
}

// takes reports whether an outcome may be kept with those of the page: they are
// of one plan, and each of another pair.
func (p *page) takes(o *Outcome) bool {
	return len(p.all) == 0 || p.all[0].PlanID == o.PlanID && !p.links[o.Op.LinkID] && !p.items[o.N]
}

func (p *page) add(o *Outcome) {
	if p.links == nil {
		p.links, p.items = make(map[int64]bool), make(map[int]bool)
	}
	p.all = append(p.all, o)
	p.links[o.Op.LinkID], p.items[o.N] = true, true
}

// finishAll ends the outcomes in their order.
func (f *finisher) finishAll(outcomes []Outcome) error {
	var alike page
	for i := range outcomes {
		o := &outcomes[i]
		p, err := f.purpose(o.PlanID)
		if err != nil {
			return err
		}
		plain := !p.undo && !p.taken && f.plain(o)
		if !plain || !alike.takes(o) {
			if err := f.finishPage(&alike); err != nil {
				return err
			}
			alike = page{}
		}
		if plain {
			alike.add(o)
		} else if err := f.finish(*o); err != nil {
			return err
		}
	}
	return f.finishPage(&alike)
}

func (f *finisher) finishPage(p *page) error {
	if len(p.all) == 0 {
		return nil
	}
	for _, keep := range []func([]*Outcome) error{f.keepLinks, f.keepBases, f.keepRecords, f.keepIdentities, f.keepOps, f.keepItems} {
		if err := keep(p.all); err != nil {
			return err
		}
	}
	for _, o := range p.all {
		f.trail(*o, o.Op.LinkID)
	}
	return nil
}

// keepLinks makes the links active, and keeps HubSpot's times of their records.
// What a link holds already is not written, since its indexes would be too.
func (f *finisher) keepLinks(all []*Outcome) error {
	rows, err := f.tx.Query(`SELECT id, row_key, coalesce(record_id, ''), state, why FROM link WHERE id IN (SELECT value FROM json_each(?))`, numberList(linksOf(all)))
	if err != nil {
		return err
	}
	defer rows.Close()
	type link struct{ row, record, state, why string }
	now := make(map[int64]link, len(all))
	for rows.Next() {
		var id int64
		var l link
		if err := rows.Scan(&id, &l.row, &l.record, &l.state, &l.why); err != nil {
			return err
		}
		now[id] = l
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var filled, dated []*Outcome
	for _, o := range all {
		switch l := now[o.Op.LinkID]; {
		case l.row != o.Link.RowKey:
			if _, err := activate(f.tx, f.syncID, f.runID, o.Op.LinkID, *o.Link); err != nil {
				return err
			}
			dated = append(dated, o)
		case l.record != o.Link.RecordID || l.state != string(plan.LinkActive) || l.why != "":
			filled = append(filled, o)
		default:
			dated = append(dated, o)
		}
	}
	dated = slices.DeleteFunc(dated, func(o *Outcome) bool { return o.Version.IsZero() })
	if err := inBulk(dated, func(some []*Outcome) error {
		args := make([]any, 0, 2*len(some))
		for _, o := range some {
			args = append(args, o.Op.LinkID, ms(o.Version))
		}
		_, err := f.tx.Exec(`UPDATE link SET version = v.column2 FROM (VALUES `+marks(2, len(some))+`) v WHERE link.id = v.column1`, args...)
		return err
	}); err != nil {
		return err
	}
	return inBulk(filled, func(some []*Outcome) error {
		args := make([]any, 0, 3*len(some))
		for _, o := range some {
			args = append(args, o.Op.LinkID, o.Link.RecordID, ms(o.Version))
		}
		_, err := f.tx.Exec(`UPDATE link SET record_id = v.column2, state = 'active', why = '', version = CASE WHEN v.column3 = 0 THEN version ELSE v.column3 END
			FROM (VALUES `+marks(3, len(some))+`) v WHERE link.id = v.column1`, args...)
		return err
	})
}

func linksOf(all []*Outcome) []int64 {
	ids := make([]int64, 0, len(all))
	for _, o := range all {
		ids = append(ids, o.Op.LinkID)
	}
	return ids
}

// keepBases lays the agreed values over the bases.
func (f *finisher) keepBases(all []*Outcome) error {
	agreed := slices.DeleteFunc(slices.Clone(all), func(o *Outcome) bool { return len(o.Source)+len(o.HubSpot) == 0 })
	return inBulk(agreed, func(some []*Outcome) error {
		args := make([]any, 1, 1+5*len(some))
		args[0] = f.runID
		for _, o := range some {
			base := f.agree(o.Op.LinkID, o)
			src, err := f.forms.values(f.tx, base.Source)
			if err != nil {
				return err
			}
			rem, err := f.forms.values(f.tx, base.HubSpot)
			if err != nil {
				return err
			}
			args = append(args, o.Op.LinkID, f.hashOf(src, base.Source), f.hashOf(rem, base.HubSpot), src, rem)
		}
		_, err := f.tx.Exec(`INSERT INTO base(agreed_run, link_id, src_hash, rem_hash, src, rem) VALUES`+marksBeside(1, 5, len(some))+upsertBase, args...)
		return err
	})
}

// agree lays the agreed values over the base of a link that was looked up.
func (f *finisher) agree(linkID int64, o *Outcome) Base {
	base, ok := f.bases[linkID]
	if !ok && len(o.Source) > 0 && len(o.HubSpot) > 0 {
		base = Base{Source: o.Source, HubSpot: o.HubSpot}
		f.bases[linkID] = base
		return base
	}
	if !ok {
		base = Base{Source: make(record.Values, len(o.Source)), HubSpot: make(record.Values, len(o.HubSpot))}
	}
	for property, v := range o.Source {
		base.Source[property] = v
	}
	for property, v := range o.HubSpot {
		base.HubSpot[property] = v
	}
	f.bases[linkID] = base
	return base
}

// keepRecords brings the observations of the records up to what was written.
func (f *finisher) keepRecords(all []*Outcome) error {
	return inBulk(all, func(some []*Outcome) error {
		args := make([]any, 2, 2+5*len(some))
		args[0], args[1] = f.syncID, f.pull
		for _, o := range some {
			values := f.observed(o.Record)
			vals, err := f.forms.values(f.tx, values)
			if err != nil {
				return err
			}
			args = append(args, o.Record.ID, f.hashOf(vals, values), ms(o.Record.Updated), ms(o.Record.Read), vals)
		}
		_, err := f.tx.Exec(`INSERT INTO record_seen(sync_id, pull, id, hash, updated, read_at, vals) VALUES`+marksBeside(2, 5, len(some))+upsertRecord, args...)
		return err
	})
}

// keepIdentities keeps by what else the records are found from now on, in the
// order of the index.
func (f *finisher) keepIdentities(all []*Outcome) error {
	var found []identity
	for _, o := range all {
		var err error
		if found, err = f.identified(found, o.Identities, o.Record.ID); err != nil {
			return err
		}
	}
	return identifyRecords(f.tx, f.syncID, found)
}

// identified lets a record be found no more by what it held, and adds by what it is
// found from now on.
func (f *finisher) identified(found []identity, changed []Identity, recordID string) ([]identity, error) {
	for _, i := range changed {
		if i.Old != "" {
			if err := unidentify(f.tx, f.syncID, i.Ord, i.Old, recordID); err != nil {
				return nil, err
			}
		}
	}
	for _, i := range changed {
		if i.New != "" {
			found = withIdentity(found, i.Ord, i.New, recordID)
		}
	}
	return found, nil
}

// keepOps ends the operations.
func (f *finisher) keepOps(all []*Outcome) error {
	return inBulk(all, func(some []*Outcome) error {
		args := make([]any, 1, 1+6*len(some))
		args[0] = f.now
		for _, o := range some {
			args = append(args, o.Op.ID, string(o.State), o.Op.Doubt, o.verification(), ms(o.Version), recordOf(*o))
		}
		_, err := f.tx.Exec(`UPDATE op SET state = v.column2, err = '', acked_at = ?1, doubt = v.column3, verify = v.column4, post_version = v.column5, record_id = CASE WHEN v.column6 = '' THEN op.record_id ELSE v.column6 END
			FROM (VALUES `+marks(6, len(some))+`) v WHERE op.id = v.column1`, args...)
		return err
	})
}

// keepItems ends the items with their fates.
func (f *finisher) keepItems(all []*Outcome) error {
	if err := inBulk(all, func(some []*Outcome) error {
		args := make([]any, 0, 4*len(some)+1)
		for _, o := range some {
			args = append(args, o.N, string(o.Fate), o.Reason, recordOf(*o))
		}
		args = append(args, f.numbers[some[0].PlanID])
		_, err := f.tx.Exec(`UPDATE plan_item SET done = v.column2, outcome = v.column3, record_id = CASE WHEN v.column4 = '' OR plan_item.kind <> 'create' THEN plan_item.record_id ELSE v.column4 END
			FROM (VALUES `+marks(4, len(some))+`) v WHERE plan_item.n = v.column1 AND plan_item.plan_number = ?`, args...)
		return err
	}); err != nil {
		return err
	}
	for _, o := range all {
		it := f.count(*o)
		if o.Fate == plan.FateFailed || !f.waiting {
			continue
		}
		if err := f.attended(it); err != nil {
			return err
		}
	}
	return nil
}
