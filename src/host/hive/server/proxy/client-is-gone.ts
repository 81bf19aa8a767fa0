/** What a log says of a client that has not waited for its answer. */
export const CLIENT_IS_GONE = 499;
