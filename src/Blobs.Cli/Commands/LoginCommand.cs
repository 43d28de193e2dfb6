using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs login HOST</c>: checks a user and password with a registry, and stores them where docker does.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        Argument<string> host = RegistryArguments.HostOrHub("The registry: HOST[:PORT]. Default: docker.io.");
        var username = new Option<string?>("--username", "-u") { Description = "The user. Default: asked for.", HelpName = "USER" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from standard input; needs --username." };
        Option<bool> json = CommonOptions.Json();
        var registry = new RegistryAccessOptions();
        registry.CredentialsFile.Description =
            "File to store the login in, in docker's form. Default: docker's own, $DOCKER_CONFIG/config.json or ~/.docker/config.json.";
        var command = new Command(
            "login", "Log in to a registry. The login is checked, then stored as docker does: with its credential helper, or in its file.")
        {
            host, username, fromInput, json,
        };
        registry.AddLoginTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(fromInput) && string.IsNullOrEmpty(result.GetValue(username)))
            {
                result.AddError("--password-stdin needs --username USER");
            }
        });
        command.Runs("the login was not stored", async (arguments, cancellationToken) =>
        {
            string domain = arguments.GetRequiredValue(host);
            string user = arguments.GetValue(username) is { Length: > 0 } given
                ? given
                : await PasswordInput.AskAsync("Username", isSecret: false, cancellationToken).ConfigureAwait(false);
            string password = arguments.GetValue(fromInput)
                ? await PasswordInput.ReadAllAsync(cancellationToken).ConfigureAwait(false)
                : await PasswordInput.AskAsync("Password", isSecret: true, cancellationToken).ConfigureAwait(false);
            if (user.Contains(':', StringComparison.Ordinal) || password.Length == 0)
            {
                throw new WorkFailedException(password.Length == 0 ? "the password is empty" : "a user's name has no colon");
            }

            var credentials = new RegistryCredentials { Username = user, Password = password };
            using (RegistryClient client = registry.ConnectAs(arguments, credentials))
            {
                await client.PingAsync(domain, cancellationToken).ConfigureAwait(false);
            }

            string store = await new DockerConfig(arguments.GetValue(registry.CredentialsFile))
                .StoreAsync(domain, credentials, cancellationToken).ConfigureAwait(false);
            if (Path.IsPathRooted(store) || File.Exists(store))
            {
                Console.Error.WriteLine($"blobs: the password is stored in {store}, readable by its owner and not encrypted");
            }

            Output.WriteReport(
                new LoginReport(domain, user, store),
                RegistryJson.Default.LoginReport,
                arguments.GetValue(json),
                text => text.WriteLine("Login Succeeded"));
        });
        return command.With(
            "blobs login registry.example",
            "pass registry | blobs login registry.example --username alice --password-stdin");
    }
}
