namespace Blobs.Cli.Registries;

/// <summary>Prints a list of names: a line for each as soon as its page is there, or all as JSON.</summary>
internal static class NameList
{
    public static async Task WriteAsync(IAsyncEnumerable<string> names, bool asJson, Action<IReadOnlyList<string>> writeJson)
    {
        var all = new List<string>();
        await foreach (string name in names.ConfigureAwait(false))
        {
            if (asJson)
            {
                all.Add(name);
            }
            else
            {
                Console.Out.WriteLine(RegistryText.Show(name));
            }
        }

        if (asJson)
        {
            writeJson(all);
        }
    }
}
