using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs catalog HOST</c>: the repositories of a registry, one a line.</summary>
internal static class CatalogCommand
{
    public static Command Create()
    {
        Argument<string> host = RegistryArguments.Host("The registry: HOST[:PORT].");
        Option<bool> json = CommonOptions.Json();
        var registry = new RegistryAccessOptions();
        var command = new Command("catalog", "List the repositories of a registry. Many registries refuse this.") { host, json };
        registry.AddTo(command, transfers: false);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            string domain = arguments.GetRequiredValue(host);
            using RegistryClient client = registry.Connect(arguments);
            await NameList.WriteAsync(
                client.RepositoriesAsync(domain, cancellationToken),
                arguments.GetValue(json),
                names => Output.WriteJson(new CatalogReport(domain, names), RegistryJson.Default.CatalogReport)).ConfigureAwait(false);
        });
        return command.With("blobs catalog 127.0.0.1:5000", "blobs catalog registry.example --json");
    }
}
