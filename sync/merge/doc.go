// Package merge decides what becomes of one field of one linked pair: whether
// its value flows, to which side, or waits for a person. It is pure: no I/O,
// no clock, no memory. Everything that Syncline promises about edits that
// nobody has seen rests on the rules below; the tests state each of them again.
//
// # The promise
//
// At every moment each side of a field holds either its old value or a value
// that a person or a named policy chose. The base describes exactly what the
// two sides held when they last agreed.
//
// # Words
//
// A side has changed when its value is no longer the same as that side's own
// base. "The same" is always Rule.Same, never equality of texts, so another
// way to write one phone number is no change. There is one base per side,
// because a target may rewrite what it is given: if HubSpot shortens or
// lower-cases a value, its base is what it then held, the source's base is what
// the source holds, and neither has changed although the two differ.
//
// The owner of a one-way field is the side that it flows from.
//
// # Later runs, when both sides have a base
//
//  1. Neither side changed: nothing happens, even if the two differ.
//  2. The two sides are the same now: the base moves to them silently,
//     whoever changed.
//  3. Only one side of a two-way field changed: its value flows.
//  4. Only the owner of a one-way field changed: its value flows. Only the
//     other side changed: that is drift; it is left alone and reported, and the
//     base stays where it is. So when the owner changes afterwards, both sides
//     have changed, and rule 5 holds: drift is never overwritten by surprise.
//  5. Both changed, to different values: first the set merge (below), then the
//     field's policy if it names a winner, else a conflict. The winner's value
//     flows where the direction lets it; in a one-way field where the side that
//     is not the owner wins, it keeps its value as drift.
//  6. Newest names a winner only if both times of change are known and further
//     apart than two seconds and than twice the uncertainty of the clocks;
//     else it is a conflict. Of a time that is known between two bounds, the
//     nearer one counts.
//
// # First run, when at least one side has no base
//
//  7. The same on both sides: they are linked silently.
//  8. An empty value never erases anything on a first run, whatever the policy
//     and the blank rule say.
//  9. Two-way: the empty side is filled; two different values follow the
//     policy, else they are a conflict. Sets are no exception: without a base
//     nobody can tell an addition from a removal.
//  10. One-way: the owner's value replaces a different one. If the owner is
//     empty, the other side keeps its value and both are taken as the base as
//     they are, so that an edit made there from then on is recognised as one.
//
// # Blanks
//
// The blank rule says what a side that was emptied means for the other one.
//
//  11. blank: clear. An emptied value is a value: it flows and it conflicts.
//  12. blank: ignore. An emptied value says nothing to the other side: it
//     neither flows nor conflicts. The other side's edit still flows, and fills
//     it. The base stays at the last agreement, because nothing was agreed: if
//     the old value is typed in again, nothing has happened. Only when both
//     sides are empty do they agree, and the base moves (rule 2).
//  13. In a one-way field the rule is about the owner. The other side being
//     emptied is drift like any other edit there, as long as the owner has not
//     changed.
//
// A value in which a person sees nothing (spaces, markup around nothing) is as
// empty as "". An absent value is not an empty one: the column or the property
// was not read at all. Where a value is known to have been there, nothing flows
// in either direction until it is read again.
//
// # Multi-select
//
//  14. When both sides of a set changed, each takes over what the other added
//     and removed since its base. If both then hold the same set, that set is
//     written to the sides that lack it (in a one-way field only if it is the
//     owner's set). If not, one side's addition collides with the other's
//     removal, and rule 5's policy decides. A merge that would leave nothing is
//     left to a person unless blank is clear.
//
// # Conflicts
//
//  15. An open conflict stays as it is until a person settles it: neither side
//     is written, whatever policy the field has by now. It closes by itself only
//     when both sides have come to hold the same value.
//  16. A choice holds for the values that the person saw. If a side has moved
//     since, to something that was neither seen nor chosen, the conflict stays
//     open and asks again.
//  17. A choice is carried out only where the direction lets a value flow. The
//     side that may not be written keeps its own value, both are taken as the
//     base, and the conflict is over.
//  18. After a settled conflict the base is what both sides hold then, so the
//     next edit flows as usual.
//
// # What the caller owes
//
// Resolve sees values and bases, not operations. A write whose outcome is
// unknown must be attributed before Resolve is asked again (did our write land,
// or did a person type?); otherwise a person's edit back to the old value
// looks like no edit. After every write the base of each side must become what
// that side holds then: the written side's value as it was read back, the other
// side's as it was decided on.
package merge
