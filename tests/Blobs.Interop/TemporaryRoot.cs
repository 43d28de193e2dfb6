namespace Blobs.Interop;

/// <summary>
/// A folder of one test, gone afterwards together with everything mounted in it; <c>BLOBS_INTEROP_KEEP=1</c> keeps it.
/// </summary>
internal sealed class TemporaryRoot : IAsyncDisposable
{
    public TemporaryRoot()
    {
        // World-readable, unlike Directory.CreateTempSubdirectory: some tests run the command as nobody.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"blobs-interop-{Guid.NewGuid():n}"[..24]);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Folder(string name) => Directory.CreateDirectory(this[name]).FullName;

    public async ValueTask DisposeAsync()
    {
        await Mounts.RemoveBelowAsync(Path);
        if (Environment.GetEnvironmentVariable("BLOBS_INTEROP_KEEP") is null)
        {
            // Names that are not UTF-8 are beyond Directory.Delete.
            await new Command("rm", "-rf", "--one-file-system", "--", Path).RunAsync();
        }
    }
}
