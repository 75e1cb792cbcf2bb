import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** In neither theme does what stands on the page break a rule of accessibility. */
export async function clean(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator(".fui-FluentProvider").first()).toHaveCSS(
      "color-scheme",
      colorScheme,
    );
    // Buttons fade from one theme to the other; half-way they have too little contrast.
    await page.evaluate(() =>
      Promise.allSettled(
        document
          .getAnimations()
          .filter((a) => a instanceof CSSTransition)
          .map((a) => a.finished),
      ),
    );
    // Left out are the component library's own focus markers, which pass the focus on at once.
    const { violations } = await new AxeBuilder({ page }).exclude("[data-tabster-dummy]").analyze();
    const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
    expect(found, `${colorScheme}, ${page.url()}`).toEqual([]);
  }
}
