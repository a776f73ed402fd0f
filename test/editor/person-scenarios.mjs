// The scenarios of workspace/scenarios, from broken to fixed, by keyboard. suite/scenarios.ts plays all of them through the
// editor's commands; here is what a person sees of them.
import assert from 'node:assert/strict';

export const scenarioCases = [
  {
    name: 'a default-deny black hole is mended with Ctrl+. until all of the namespace works',
    opens: 'scenarios/black-hole',
    async run(_page, person) {
      await person.openFile('policies.yaml');
      const before = await person.visibleText();
      await person.waitForSquiggles('warning', 1);
      await person.goTo(11, 9);
      assert.ok((await person.quickFixes()).some((title) => /^Add DNS egress as policy/.test(title)));
      await person.screenshot('black-hole-dns');
      await person.pickFix('Add DNS egress as policy');
      await person.waitForSquiggles('warning', 0);

      await person.openFile('applications.yaml');
      await person.goTo(26, 31);
      await person.waitForSquiggles('warning', 1);
      await person.screenshot('black-hole-needed');
      await person.quickFixes();
      await person.screenshot('black-hole-needed-fix');
      await person.pickFix('Allow egress of page to basket');
      await person.waitForSquiggles('warning', 0);
      await person.goTo(50, 24);
      await person.waitForSquiggles('warning', 1);
      await person.quickFixes();
      await person.pickFix('Allow egress of basket to basket-db');
      await person.waitForSquiggles('warning', 0);
      const { errors, warnings } = await person.problems();
      assert.deepEqual([errors, warnings], [0, 0]);
      // In the middle of the window this is the only Deployment in view.
      await person.goTo(31);
      await person.waitForText((text) => text.split('kind: Deployment').length === 2);
      const said = await person.hover('kind: Deployment');
      for (const allowed of [/TCP\s8080[\s\S]*page/, /TCP\s5432[\s\S]*basket-db/, /UDP\s53[\s\S]*kube-dns/])
        assert.match(said, allowed);
      await person.screenshot('black-hole-fixed');
      await person.press('Escape');

      // Three keys give the file back.
      await person.openFile('policies.yaml');
      for (let i = 0; i < 3; i += 1) await person.press('Control+Z');
      await person.waitForText((text) => text === before);
      await person.waitForSquiggles('warning', 1);
    },
  },
  {
    name: 'a 502 from the ingress controller is mended with Ctrl+.',
    opens: 'scenarios/ingress-502',
    async run(_page, person) {
      await person.openFile('policies.yaml');
      await person.waitForSquiggles('warning', 1);
      assert.match(await person.hover('Ingress'), /users will see 502 or 504/);
      await person.screenshot('ingress-502-hover');
      await person.press('Escape');
      await person.goTo(10, 9);
      await person.quickFixes();
      await person.screenshot('ingress-502-fix');
      await person.pickFix('Allow ingress-nginx-controller');
      await person.waitForSquiggles('warning', 0);
      const text = await person.waitForText((all) => /name: allow-ingress-controller-pages\n/.test(all));
      assert.match(text, /app\.kubernetes\.io\/name: ingress-nginx\n {6}ports:\n {8}- protocol: TCP\n {10}port: 3000/);
      await person.screenshot('ingress-502-fixed');
    },
  },
  {
    name: 'a misspelt plugin is completed in .netpol.yaml, and then the probes count',
    opens: 'scenarios/probes',
    async run(_page, person) {
      await person.openFile('.netpol.yaml');
      await person.waitForSquiggles('error', 1);
      assert.match(await person.hover('kube-network-polices'), /Did you mean kube-network-policies\?/);
      await person.screenshot('configuration');
      await person.press('Escape');
      await person.goTo(1, 1);
      await person.press('Shift+End');
      await person.type('cni: kube');
      const offered = await person.completions();
      assert.ok(offered.includes('kube-router'), offered.join());
      await person.screenshot('configuration-completion');
      await person.pickCompletion('kube-network-policies');
      await person.waitForText((text) => /^cni: kube-network-policies$/m.test(text));
      await person.waitForSquiggles('error', 0);
      await person.openFile('policies.yaml');
      await person.waitForSquiggles('warning', 1);
      await person.goTo(10, 9);
      await person.quickFixes();
      await person.screenshot('probes-fix');
      await person.pickFix('Allow the node addresses on TCP 9200');
      await person.waitForSquiggles('warning', 0);
      await person.waitForText((text) => /cidr: 192\.168\.10\.0\/24\n/.test(text));
      await person.screenshot('probes-fixed');
      await person.press('Control+Z');
      await person.waitForSquiggles('warning', 1);
    },
  },
  {
    name: 'an expectation fails at its line, and its fix changes the policies',
    opens: 'scenarios/expectations',
    async run(_page, person) {
      await person.openFile('policies.yaml');
      await person.openFile('bank.netpol-test.yaml');
      await person.waitForSquiggles('error', 1);
      assert.match(await person.hover('allowed'), /bank\/teller to bank\/accounts on TCP 8080 is denied/);
      await person.screenshot('expectation');
      await person.press('Escape');
      await person.goTo(7, 14);
      await person.quickFixes();
      await person.screenshot('expectation-fix');
      await person.pickFix('Allow bank/teller to bank/accounts');
      await person.waitForSquiggles('error', 0);
      await person.screenshot('expectation-holds');
    },
  },
  {
    name: 'a policy in the wrong namespace, and the patch of an overlay, show where they go wrong',
    opens: 'scenarios',
    async run(_page, person) {
      await person.openFile('wrong-namespace/policies.yaml');
      await person.waitForSquiggles('warning', 1);
      assert.match(await person.hover('oders'), /Did you mean orders, where it would select ledger\?/);
      await person.screenshot('wrong-namespace');
      await person.press('Escape');
      await person.openFile('web-ingress.yaml');
      await person.waitForSquiggles('warning', 1);
      assert.match(await person.hover('gatewya'), /live-web and live-gateway/);
      await person.screenshot('overlay-patch');
    },
  },
  {
    name: 'a Calico selector is mended with Ctrl+., and gets a label and a value by completion',
    opens: 'scenarios/calico-selector',
    async run(_page, person) {
      await person.openFile('policies.yaml');
      await person.waitForSquiggles('error', 1);
      await person.goTo(8, 17);
      await person.quickFixes();
      await person.screenshot('calico-selector-fix');
      await person.pickFix("Change to app == 'seats'");
      await person.waitForSquiggles('error', 0);
      await person.goTo(8, 27);
      await person.type(' && ');
      const offered = await person.completions();
      for (const label of ['app', 'has(', 'projectcalico.org/serviceaccount'])
        assert.ok(offered.includes(label), offered.join());
      await person.screenshot('calico-selector-completion');
      await person.pickCompletion('projectcalico.org/serviceaccount');
      await person.type(" == '");
      await person.pickCompletion('default');
      await person.waitForText((text) => /&& projectcalico\.org\/serviceaccount == 'default'$/m.test(text));
      await person.waitForSquiggles('error', 0);
      await person.screenshot('calico-selector-fixed');
    },
  },
];
