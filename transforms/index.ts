export { type Coerced, type CoerceOptions, coerce, type Scalar } from './coerce.ts'
export { compileMapping } from './compile.ts'
export { functions, type OwnFunction } from './functions.ts'
export { Changed, Misfit } from './misfit.ts'
