using System.CommandLine;
using Blobs.Cli.Registries;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs delete REPO:TAG</c> deletes that tag only; <c>REPO@DIGEST</c> the manifest with its tags.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        Argument<ImageReference> name = RegistryArguments.Reference(
            "REF",
            "REPO:TAG deletes that tag and leaves the manifest; REPO@DIGEST deletes the manifest, and with it every tag that names it.",
            FaultIn);
        Option<bool> json = CommonOptions.Json();
        var registry = new RegistryAccessOptions();
        var command = new Command("delete", "Delete a tag or a manifest in a registry.") { name, json };
        registry.AddTo(command, transfers: false);
        command.Runs("it may or may not be deleted", async (arguments, cancellationToken) =>
        {
            using RegistryClient client = registry.Connect(arguments);
            ImageReference reference = arguments.GetRequiredValue(name);
            RegistryRepository repository = client.Repository(reference);
            DeleteReport report = reference.Digest is { } digest
                ? await DeleteManifestAsync(repository, digest, cancellationToken).ConfigureAwait(false)
                : await DeleteTagAsync(repository, reference.Tag!, cancellationToken).ConfigureAwait(false);
            Output.WriteReport(report, RegistryJson.Default.DeleteReport, arguments.GetValue(json), report.WriteText);
        });
        return command.With(
            "blobs delete 127.0.0.1:5000/team/app:1",
            "blobs delete 127.0.0.1:5000/team/app@sha256:…");
    }

    // Without either, docker would mean the tag latest: too much to guess for a deletion.
    private static string? FaultIn(ImageReference reference) => (reference.Tag, reference.Digest) switch
    {
        (null, null) => "name what to delete: a tag (:TAG) or a manifest (@sha256:…)",
        (not null, not null) => "name a tag or a digest, not both",
        _ => null,
    };

    private static async Task<DeleteReport> DeleteTagAsync(
        RegistryRepository repository, string tag, CancellationToken cancellationToken) =>
        await repository.DeleteTagAsync(tag, cancellationToken).ConfigureAwait(false)
            ? new DeleteReport(repository.Name, null, [tag])
            : throw new WorkFailedException($"{repository.Name}:{tag}: there is no such tag");

    private static async Task<DeleteReport> DeleteManifestAsync(
        RegistryRepository repository, Digest digest, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> tags = await TagsOfAsync(repository, digest, cancellationToken).ConfigureAwait(false);
        return await repository.DeleteManifestAsync(digest, cancellationToken).ConfigureAwait(false)
            ? new DeleteReport(repository.Name, $"{digest}", tags)
            : throw new WorkFailedException($"{repository.Name}@{digest}: there is no such manifest");
    }

    // They can only be asked for before the manifest is gone.
    private static async Task<IReadOnlyList<string>> TagsOfAsync(
        RegistryRepository repository, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.TagsOfAsync(digest, cancellationToken).ConfigureAwait(false);
        }
        catch (BlobsException fault)
        {
            Console.Error.WriteLine($"blobs: the tags of the manifest are not known: {fault.Message}");
            return [];
        }
    }
}
