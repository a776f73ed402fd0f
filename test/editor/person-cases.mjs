// What a person sees and does with netpol in VS Code, each in a fresh window with a fresh copy of workspace/.
export const cases = [
  {
    name: 'a policy opens and shows its text',
    async run(_page, person) {
      await person.openFile('policies/api.yaml');
      await person.waitForText((text) => text.includes('endPort: 80'));
      await person.screenshot('policy');
    },
  },
];
