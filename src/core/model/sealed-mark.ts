/** Every sealed secret begins with it, in whatever file it lies. */
export const sealedMark = "sealed-1:";
