package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"syncline/sync/plan"
)

// settle closes the conflict of a decision that was carried out. Where something else was
// decided about it while that was on its way, it lives on, as one about the value that was
// written over: so that the later decision can be carried out, though both sides may agree
// by now.
func (f *finisher) settle(d Settled) error {
	res, err := f.tx.Exec(carriedOut, f.now, d.Conflict, d.Decision)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 || d.Source == nil || d.HubSpot == nil {
		return err
	}
	var c Conflict
	err = f.tx.QueryRow(`SELECT src, rem, base, choice FROM conflict WHERE id = ? AND state <> 'closed' AND property <> '' AND edge = ''`, d.Conflict).Scan(&c.Source, &c.HubSpot, &c.Base, &c.Choice)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || c.Source == *d.Source && c.HubSpot == *d.HubSpot {
		return err
	}
	c = c.overtaken(*d.Source, *d.HubSpot)
	_, err = f.tx.Exec(`UPDATE conflict SET cause = ?1, reason = ?2, src = ?3, rem = ?4, rem_meta = ?5, state = ?6, again = ?7, seen = '' WHERE id = ?8`,
		c.Cause, c.Reason, c.Source, c.HubSpot, c.RemMeta, c.State, c.Again, d.Conflict)
	return err
}

// overtaken is a conflict of which the decision before the present one gave the sides what
// they hold now. It is about what one of them held until then; what the present decision
// would leave as it was is asked again.
func (c Conflict) overtaken(source, hubspot string) Conflict {
	was, now, where := c.HubSpot, hubspot, "HubSpot"
	c.Cause = plan.CauseDisplaced
	if c.Choice == plan.ChooseSource && c.Source != source || c.HubSpot == hubspot {
		was, now, where = c.Source, source, "the source"
		c.Cause, c.HubSpot = plan.CauseOverwritten, hubspot
	} else {
		c.Source = source
	}
	b, _ := json.Marshal(map[string]string{"wrote": now}) // a text: can't fail
	c.RemMeta = string(b)
	c.Reason = fmt.Sprintf("It was decided anew while the decision before was carried out, by which %s was given %q in the place of %q.", where, now, was)
	c.State = plan.ConflictDecided
	if _, ok := c.Cause.Option(c.Choice); !ok || c.Choice == plan.ChooseSkip || c.Choice == plan.ChooseBase && c.Base == nil {
		c.State, c.Again = plan.ConflictOpen, true
	}
	return c
}
