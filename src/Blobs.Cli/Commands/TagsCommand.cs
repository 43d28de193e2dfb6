using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs tags REPO</c>: the tags of a repository, one a line.</summary>
internal static class TagsCommand
{
    public static Command Create()
    {
        Argument<ImageReference> name = RegistryArguments.Reference(
            "REPO", "The repository: HOST/NAME, without a tag.", reference =>
                reference.Tag is not null || reference.Digest is not null ? "name the repository alone, without a tag or digest" : null);
        Option<bool> json = CommonOptions.Json();
        var registry = new RegistryAccessOptions();
        var command = new Command("tags", "List the tags of a repository in a registry.") { name, json };
        registry.AddTo(command, transfers: false);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using RegistryClient client = registry.Connect(arguments);
            RegistryRepository repository = client.Repository(arguments.GetRequiredValue(name));
            await NameList.WriteAsync(
                repository.TagsAsync(cancellationToken),
                arguments.GetValue(json),
                tags => Output.WriteJson(new TagsReport(repository.Name, tags), RegistryJson.Default.TagsReport)).ConfigureAwait(false);
        });
        return command.With("blobs tags alpine", "blobs tags 127.0.0.1:5000/team/app --json");
    }
}
