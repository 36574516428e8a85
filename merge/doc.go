// Package merge combines checkpoints of one architecture into one: weighted
// averages, arcs on the sphere, task vectors. It reads mergekit's
// configurations as they are.
//
// [Prepare] reads a configuration and refuses keys and parameters that would
// have no effect; then it opens the models, looks at headers and config.json
// only, and says of every tensor of the result which tensors it is made of, with
// which parameters. Layers are recognised by the number in their names, so no
// architecture has to be known. [Run] makes the tensors one after the other, in small blocks, and publishes
// the folder when all is there.
//
// A method turns the operands of one tensor into a formula. It may look at the
// data first: the methods on the sphere need the inner products of the inputs
// (gram), those of task vectors the magnitude above which elements are kept
// (cut). The formula is then applied to every block: a linear combination for
// most methods.
//
// All sums are float64 in a fixed order: chunks of about a million elements,
// added in their order. Products are rounded before they are added, so that no
// processor fuses them, and angles are computed with exactly defined operations
// only. Every element of the result is rounded once, to its type. The bytes of
// a result therefore depend on the configuration, the inputs and the seed, and
// on nothing else.
package merge
