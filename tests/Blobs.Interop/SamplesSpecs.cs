using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The samples do what they promise, as the programs that they stand beside do it. <c>BLOBS_SAMPLES</c> names the native
/// program, otherwise the built one is run.</summary>
public sealed class SamplesSpecs
{
    private static readonly string Samples = Locate();

    [Fact]
    public async Task The_build_tool_makes_what_the_SDK_makes()
    {
        await using var temporary = new TemporaryRoot();
        await using DockerRegistry registry = await DockerRegistry.StartAsync(temporary);
        string host = registry.Host;
        await PushBaseAsync(temporary, host);
        string project = temporary.Folder("app");
        await File.WriteAllTextAsync(Path.Combine(project, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <UseAppHost>false</UseAppHost>
                <NuGetAudit>false</NuGetAudit>
                <RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers>
                <ContainerBaseImage>{host}/base:1</ContainerBaseImage>
                <ContainerRegistry>{host}</ContainerRegistry>
                <ContainerRepository>theirs</ContainerRepository>
                <ContainerImageTag>1</ContainerImageTag>
              </PropertyGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), "System.Console.WriteLine(\"hello\");\n");
        await (new Command("dotnet", "publish", "-c", "Release", "/t:PublishContainer") with
        {
            WorkingDirectory = project,
            Environment = new Dictionary<string, string>
            {
                ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = host,
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_NOLOGO"] = "1",
            },
        }).SucceedAsync();

        foreach (string compression in (string[])["gzip", "zstd"])
        {
            string name = $"{host}/ours:{compression}";
            await RunAsync("build", Path.Combine(project, "bin/Release/net10.0/{rid}/publish"), "app.dll", $"{host}/base:1", name, compression);
            Assert.Equal(2, (await ManifestAsync(name)).GetProperty("manifests").GetArrayLength());
            foreach (string platform in (string[])["linux/amd64", "linux/arm64"])
            {
                CommandResult differences = await BlobsCommand.With("diff", $"docker://{host}/theirs:1", $"docker://{name}", "--platform", platform).RunAsync();
                string[] lines = [.. differences.Text.Split('\n').Where(line => line.Length > 0 && !line.Contains(" config Labels ", StringComparison.Ordinal))];

                // The SDK marks every file executable; contents, names and the rest of the config are the same.
                Assert.Equal(4, lines.Length);
                Assert.All(lines, line => Assert.EndsWith("(0755 → 0644)", line, StringComparison.Ordinal));
            }
        }

        string first = await DigestAsync($"{host}/ours:zstd");
        await RunAsync("build", Path.Combine(project, "bin/Release/net10.0/{rid}/publish"), "app.dll", $"{host}/base:1", $"{host}/ours:zstd", "zstd");
        Assert.Equal(first, await DigestAsync($"{host}/ours:zstd"));
    }

    [Fact]
    public async Task The_scanner_lists_what_is_installed_and_not_what_a_later_layer_hides()
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        await File.WriteAllTextAsync(temporary["installed"], "C:Q1\nP:musl\nV:1.2.5-r0\n\nC:Q2\nP:busybox\nV:1.36.1-r29\n");
        await File.WriteAllTextAsync(
            temporary["old.deps.json"], """{"libraries":{"Old/1.0.0":{"type":"package"}}}""");
        await File.WriteAllTextAsync(
            temporary["app.deps.json"], """{"libraries":{"app/1.0.0":{"type":"project"},"Polly.Core/8.6.4":{"type":"package"},"A/2.0.0-rc.1":{"type":"package"}}}""");
        string layout = $"oci:{temporary["layout"]}:1";
        await BlobsCommand.With(
            "append", $"docker-archive:{image.Archive}", "/var/lib/dpkg/status:/var/lib/dpkg/status", $"{temporary["installed"]}:/lib/apk/db/installed",
            $"{temporary["old.deps.json"]}:/app/app.deps.json", "--to", $"oci:{temporary["first"]}:1", "--quiet").SucceedAsync();
        await BlobsCommand.With(
            "append", $"oci:{temporary["first"]}:1", $"{temporary["app.deps.json"]}:/app/app.deps.json", "--to", layout, "--quiet").SucceedAsync();

        string[] expected =
        [
            .. (await new Command(Oracle.Need("dpkg-query"), "--show", "--showformat", "${Status} deb ${Package} ${Version}\n").SucceedAsync()).Text.Split('\n')
                .Where(line => line.StartsWith("install ok installed ", StringComparison.Ordinal)).Select(line => line["install ok installed ".Length..]),
            "apk musl 1.2.5-r0", "apk busybox 1.36.1-r29", "nuget Polly.Core 8.6.4", "nuget A 2.0.0-rc.1",
        ];
        Assert.Equal(
            expected.Distinct().Order(StringComparer.Ordinal), (await RunAsync("scan", layout)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_service_answers_which_image_has_a_file()
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", temporary["root"], "--quiet").SucceedAsync();
        int port = FreePort.Find();
        using var service = Process.Start(new ProcessStartInfo(Samples, ["serve", temporary["root"], $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            while (await service.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Now listening", StringComparison.Ordinal))
            {
            }

            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            JsonElement found = await client.GetFromJsonAsync<JsonElement>("/files?name=hello.txt");
            Assert.Equal("test:1", found[0].GetProperty("image").GetString());
            Assert.Equal("/hello.txt", found[0].GetProperty("path").GetString());
            Assert.Equal(image.DiffIds[3], found[0].GetProperty("layer").GetString());
            Assert.Equal(TestImage.Says.Length, found[0].GetProperty("size").GetInt32());
            Assert.Equal(found.ToString(), (await client.GetFromJsonAsync<JsonElement>("/files?name=/hello.txt")).ToString());
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/files?name=nosuch")).StatusCode);
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync();
        }
    }

    private static string Locate()
    {
        // tests/Blobs.Interop/bin/<Configuration>/net10.0 says which configuration was built.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Environment.GetEnvironmentVariable("BLOBS_SAMPLES") is { Length: > 0 } named
            ? named
            : Path.Combine(Repository.Root, "tests", "Blobs.Samples", "bin", here.Parent!.Name, here.Name, "Blobs.Samples");
    }

    // The image of the tests for two platforms under one name.
    private static async Task PushBaseAsync(TemporaryRoot temporary, string host)
    {
        TestImage image = TestImage.Write(temporary);
        string[] names = [$"{host}/base:amd64", $"{host}/base:arm64"];
        foreach (string name in names)
        {
            string platform = $"linux/{name.Split(':')[^1]}";
            await BlobsCommand.With(
                "mutate", $"docker-archive:{image.Archive}", "--set-platform", platform, "--to", $"docker://{name}", "--quiet").SucceedAsync();
        }

        await BlobsCommand.With(["index", "create", $"{host}/base:1", .. names, "--quiet"]).SucceedAsync();
    }

    private static async Task<JsonElement> ManifestAsync(string name) => (await BlobsCommand.With("manifest", name).SucceedAsync()).Json;

    private static async Task<string> DigestAsync(string name) => (await BlobsCommand.With("digest", name).SucceedAsync()).Text;

    private static Task<CommandResult> RunAsync(params string[] arguments) => new Command(Samples, arguments).SucceedAsync();
}
