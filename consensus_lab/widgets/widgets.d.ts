/** What base.py and book_widgets.py put in place of this name. */
declare const SETTINGS: any;

interface Window {
    /** The texts of the modules whose scripts have run, by name. */
    consensusLab?: Record<string, string>;
}

declare module "*.css" {
    const text: string;
    export default text;
}
