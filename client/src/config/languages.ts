/** The languages whose files may start processes. */
export const languages = ['typescript', 'typescriptreact', 'javascript', 'javascriptreact'] as const;

export const selector = languages.map(language => ({ language, scheme: 'file' }));
