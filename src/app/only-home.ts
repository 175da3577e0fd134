/** Id of the one home that there is; every record carries it. */
export const onlyHome = "home";
