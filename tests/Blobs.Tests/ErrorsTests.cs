using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Distribution.Storage;
using Blobs.Docker;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Tests.Testing;
using Blobs.Transfer;
using Blobs.Trees;

namespace Blobs.Tests;

/// <summary>Whatever stands at a path that a caller gives (nothing, a file in place of a directory, the reverse) is one of the library's
/// own errors, which says the path.</summary>
[SupportedOSPlatform("linux")]
public sealed class ErrorsTests : IDisposable
{
    private const string File = "file";
    private const string Directory = "directory";
    private const string Nothing = "nothing";

    private static readonly Dictionary<string, Func<string, Task>> Calls = new()
    {
        ["load"] = path => ImageLoader.LoadAsync(path, DockerRoot.Open(Beside(path))),
        ["open an archive"] = path => ImageArchive.OpenAsync(path),
        ["copy from docker-archive"] = path => CopyAsync($"docker-archive:{path}", $"oci:{Beside(path)}"),
        ["copy from oci-archive"] = path => CopyAsync($"oci-archive:{path}", $"oci:{Beside(path)}"),
        ["copy from oci"] = path => CopyAsync($"oci:{path}", $"oci:{Beside(path)}"),
        ["copy from docker-data"] = path => CopyAsync($"docker-data:{path}//x:1", $"oci:{Beside(path)}"),
        ["assemble from a recording"] = path => TarSplitFile.AssembleAsync(path, Path.GetDirectoryName(path)!, Stream.Null),
        ["trust certificates"] = path => Task.FromResult(new RegistryClient(new RegistryClientOptions { CertificateAuthorityFile = path })),
        ["find an image"] = path => Task.FromResult(DockerRoot.Open(path).Find("x:1")),
        ["find a container"] = path => Task.FromResult(DockerRoot.Open(path).Containers.Find("x")),
        ["find a layer"] = path => Task.FromResult(LayerStore.Open(path).Find("x")),
        ["compare a tree"] = path => LayerStore.Open(Beside(path)).DiffTreeAsync(path, null, Stream.Null),
    };

    private static readonly Dictionary<string, Func<string, Task>> CallsThatMakeDirectories = new()
    {
        ["ingest"] = path => LayerStore.Open(path).IngestAsync(new MemoryStream(SampleImage.Layer("x"))),
        ["load into"] = path => ImageLoader.LoadAsync(
            new MemoryStream(SampleImage.Of("x").DockerArchive()), "archive", DockerRoot.Open(path)),
        ["begin an upload"] = async path =>
            await (await new RegistryStore(new FileSystemStorage(path)).BeginUploadAsync("a")).DisposeAsync(),
    };

    private readonly TemporaryFolder _folder = new(inMemory: true);

    public static TheoryData<string, string> Readers =>
        [.. Calls.Keys.SelectMany(_ => (string[])[File, Directory, Nothing], (call, what) => new TheoryDataRow<string, string>(call, what))];

    public static TheoryData<string> Makers => [.. CallsThatMakeDirectories.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task What_is_read_is_a_plain_error_when_it_is_not_there_or_something_else(string call, string what)
    {
        _folder.Write(File, "neither a tar nor JSON");
        _folder.Write($"{Directory}/other", "");
        Exception? fault = await Record.ExceptionAsync(() => Calls[call](_folder[what]));
        if (fault is not null || call != "compare a tree" || what != Directory)
        {
            BlobsException own = Assert.IsAssignableFrom<BlobsException>(fault);
            Assert.StartsWith(_folder[what], own.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Makers))]
    public async Task A_root_that_is_a_file_is_a_plain_error(string call)
    {
        _folder.Write(File, "");
        foreach (string path in (string[])[_folder[File], _folder[$"{File}/below"]])
        {
            Exception? fault = await Record.ExceptionAsync(() => CallsThatMakeDirectories[call](path));
            BlobsException own = Assert.IsAssignableFrom<BlobsException>(fault);
            Assert.Contains(_folder[File], own.Message, StringComparison.Ordinal);
        }
    }

    private static string Beside(string path) => Path.Combine(Path.GetDirectoryName(path)!, "beside");

    private static Task<CopyResult> CopyAsync(string from, string to) => ImageCopier.CopyAsync(ImagePlace.Parse(from), ImagePlace.Parse(to));

}
