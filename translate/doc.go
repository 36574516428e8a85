// Package translate holds the stages that ask a language model: prompts, which
// puts the user's and the system's turns into French, and regenerate, which
// answers them anew; extract, which finds answers in the corrections of exams
// that rules could not align, and clean, which rewrites them; judge, which
// drops what does not meet a set of criteria.
//
// A stage is a function of one sample that may ask several times. [Run] calls
// it for thousands of samples at once and writes what comes out in the order
// of the input. Everything asked goes through an [Asker], which finds in the
// journal what was answered before; so a run that was killed is simply run
// again, and a stage needs no state of its own.
//
// Every row ends in one of four ways: out, dropped with a reason, dead with
// the class of an error or the name of the gate that refused it, or pending
// when it was not reached. Dead rows are kept in dropped/ like dropped ones.
package translate
