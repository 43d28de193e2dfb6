using Blobs.Fuzz;
using SharpFuzz;

// The repository's fuzz folder; run.sh sets the variable.
string folder = Environment.GetEnvironmentVariable("BLOBS_FUZZ_FOLDER") ?? "fuzz";
switch (args)
{
    case ["--list"]:
        foreach (IFuzzTarget target in FuzzTargets.All)
        {
            Console.WriteLine(target.Name);
        }

        return 0;
    case ["--instrument", string path]:
        Console.WriteLine($"{SharpFuzz.Fuzzer.Instrument(path, IsOfInterest, Options.Value).Count()} types of {path} instrumented");
        return 0;
    case ["--fuzz", string name, string executions, string seed, .. string[] more]:
        return Fuzz(name, long.Parse(executions), int.Parse(seed), more is ["--keep"]) ? 0 : 1;
    case ["--run", string name, string file]:
        _ = new Coverage();
        FuzzTargets.Named(name).Run(File.ReadAllBytes(file));
        return 0;
    case ["--afl", string name]:
        Afl(FuzzTargets.Named(name));
        return 0;
    default:
        Console.Error.WriteLine("Blobs.Fuzz --list | --fuzz TARGET EXECUTIONS SEED [--keep] | --run TARGET FILE | --afl TARGET | --instrument DLL");
        return 2;
}

bool Fuzz(string name, long executions, int seed, bool keeps)
{
    IFuzzTarget target = FuzzTargets.Named(name);
    var files = new TargetFiles(folder, name);
    var fuzzer = new Blobs.Fuzz.Fuzzer(target, files, new Coverage(), seed);
    bool isClean = fuzzer.Run(executions, Console.Out);
    if (keeps)
    {
        files.Replace([.. fuzzer.Minimised()]);
    }

    return isClean;
}

// Instrument only the decoders of the library for bzip2 and xz.
static bool IsOfInterest(string type) =>
    !type.StartsWith("SharpCompress.", StringComparison.Ordinal) || type.StartsWith("SharpCompress.Compressors.", StringComparison.Ordinal);

static void Afl(IFuzzTarget target) => SharpFuzz.Fuzzer.Run(stream =>
{
    using var input = new MemoryStream();
    stream.CopyTo(input);
    try
    {
        target.Run(input.ToArray());
    }
    catch (Blobs.Errors.BlobsException)
    {
        // A valid outcome.
    }
});
