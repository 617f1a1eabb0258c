package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"syncline/sync/plan"
)

// Proposal is a decision that somebody proposes who may not decide.
type Proposal struct {
	Conflict int64 // its id
	Choice   plan.Choice
	Value    string // with plan.ChooseValue
	Why      string
	Proposer string // the program that proposes, as it calls itself
	At       time.Time
}

// Propose keeps proposals for open conflicts, in the place of earlier ones; the
// Choice "" takes one back. Nothing is decided by it. It returns how many are
// kept: a conflict that is decided or closed takes none, and none takes a choice
// that can't settle it.
func (s *Store) Propose(ctx context.Context, all []Proposal) (kept int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		for _, p := range all {
			put, err := s.propose(tx, p)
			if err != nil {
				return err
			}
			if put {
				kept++
			}
		}
		return nil
	})
	return kept, err
}

func (s *Store) propose(tx *sql.Tx, p Proposal) (kept bool, err error) {
	if p.Choice == "" {
		_, err := tx.Exec(`DELETE FROM proposal WHERE conflict_id = ?`, p.Conflict)
		return false, err
	}
	var cause plan.Cause
	err = tx.QueryRow(`SELECT cause FROM conflict WHERE id = ? AND state = 'open'`, p.Conflict).Scan(&cause)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, can := cause.Option(p.Choice); !can {
		return false, nil
	}
	_, err = tx.Exec(`INSERT INTO proposal(conflict_id, choice, value, why, proposer, proposed_at, base, src, rem, seen, cause)
		SELECT id, ?2, ?3, ?4, ?5, ?6, base, src, rem, seen, cause FROM conflict WHERE id = ?1
		ON CONFLICT(conflict_id) DO UPDATE SET choice = excluded.choice, value = excluded.value, why = excluded.why, proposer = excluded.proposer,
		proposed_at = excluded.proposed_at, base = excluded.base, src = excluded.src, rem = excluded.rem, seen = excluded.seen, cause = excluded.cause`,
		p.Conflict, string(p.Choice), p.Value, p.Why, p.Proposer, ms(s.now()))
	return err == nil, err
}

// Proposals returns what is proposed for open conflicts, by their ids. What was
// proposed for a conflict that is about other values now is none.
func (s *Store) Proposals(ctx context.Context, ids []int64) (map[int64]Proposal, error) {
	all, err := list(ctx, s.read, scanProposal, `SELECT p.conflict_id, p.choice, p.value, p.why, p.proposer, p.proposed_at
		FROM json_each(?) j CROSS JOIN proposal p ON p.conflict_id = j.value CROSS JOIN conflict c ON c.id = p.conflict_id WHERE `+holds, numberList(ids))
	by := make(map[int64]Proposal, len(all))
	for _, p := range all {
		by[p.Conflict] = p
	}
	return by, err
}

// holds tells that the conflict c is open and about what the proposal p was made on.
const holds = `c.state = 'open' AND c.src IS p.src AND c.rem IS p.rem AND c.base IS p.base AND c.seen IS p.seen AND c.cause IS p.cause`

// TakeProposals decides conflicts as is proposed, those for which something is,
// in a person's name. It returns how many.
func (s *Store) TakeProposals(ctx context.Context, ids []int64, person string) (int, error) {
	res, err := s.write.ExecContext(ctx, `UPDATE conflict AS c SET state = 'decided', choice = p.choice, value = p.value, decided_at = ?1, decided_by = ?2, again = 0
		FROM proposal p WHERE p.conflict_id = c.id AND c.id IN (SELECT value FROM json_each(?3)) AND `+holds, ms(s.now()), person, numberList(ids))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func scanProposal(row interface{ Scan(...any) error }) (p Proposal, err error) {
	var made int64
	err = row.Scan(&p.Conflict, &p.Choice, &p.Value, &p.Why, &p.Proposer, &made)
	p.At = at(made)
	return p, err
}
