using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs logout HOST</c>: removes what <c>login</c> stored.</summary>
internal static class LogoutCommand
{
    public static Command Create()
    {
        Argument<string> host = RegistryArguments.HostOrHub("The registry: HOST[:PORT]. Default: docker.io.");
        Option<string?> file = new RegistryAccessOptions().CredentialsFile;
        file.Description =
            "File to remove the login from, in docker's form. Default: docker's own, $DOCKER_CONFIG/config.json or ~/.docker/config.json.";
        Option<bool> json = CommonOptions.Json();
        var command = new Command("logout", "Remove the login to a registry from docker's file or its helper.")
        {
            host, json, file,
        };
        command.Runs("the login may still be stored", async (arguments, cancellationToken) =>
        {
            string domain = arguments.GetRequiredValue(host);
            string? store = await new DockerConfig(arguments.GetValue(file))
                .EraseAsync(domain, cancellationToken).ConfigureAwait(false);
            Output.WriteReport(
                new LoginReport(domain, null, store),
                RegistryJson.Default.LoginReport,
                arguments.GetValue(json),
                text => text.WriteLine(store is null ? $"Not logged in to {domain}" : $"Removed the login to {domain}"));
        });
        return command.With("blobs logout registry.example", "blobs logout");
    }
}
