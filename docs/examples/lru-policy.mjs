// Least recently used, as a policy of one's own: tierscape policies TRACE --policies lru,docs/examples/lru-policy.mjs
/** A cache of so many blocks (bytes, where sizes are honoured) begins; what is returned is handed to every other hook. */
export function init({capacity}) {
  return {capacity, order: new Set()}; // ids, the one to leave first in front
}
/** A block that is here is used. */
export function hit({order}, {id}) {
  order.delete(id);
  order.add(id);
}
/** A block that was not here has come in. */
export function miss({order}, {id}) {
  order.add(id);
}
/** Who leaves, so that the block `wanted` can come? Only those that mayLeave: with --prefix, what is in use or has children here may not. */
export function evict({order}, wanted, mayLeave) {
  for (const id of order) if (mayLeave(id)) return order.delete(id) && id;
}
/** A block has gone without having been asked for by evict. */
export function remove({order}, id) {
  order.delete(id);
}
