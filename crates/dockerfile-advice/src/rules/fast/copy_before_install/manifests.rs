//! The files that list a project's dependencies.

/// What a tool reads, and how its dependencies are fetched without the sources.
pub(super) struct Manifest {
    /// As the table of tools calls it.
    pub(super) tool: &'static str,
    /// The files, as they are copied. Empty where the command names them.
    pub(super) files: &'static str,
    /// What fetches the dependencies, where the command at hand needs the sources as well.
    pub(super) step: &'static str,
    /// What is written instead where nothing can be fetched without the sources.
    pub(super) mount: &'static str,
    /// Whether building fetches what is missing.
    pub(super) builds_fetch: bool,
}

const fn lists(tool: &'static str, files: &'static str) -> Manifest {
    Manifest {
        tool,
        files,
        step: "",
        mount: "",
        builds_fetch: false,
    }
}

const fn builds(tool: &'static str, files: &'static str, step: &'static str) -> Manifest {
    Manifest {
        step,
        builds_fetch: true,
        ..lists(tool, files)
    }
}

pub(super) const MANIFESTS: [Manifest; 16] = [
    lists("npm", "package.json package-lock.json"),
    lists("yarn", "package.json yarn.lock"),
    lists("pnpm", "package.json pnpm-lock.yaml"),
    lists("bun", "package.json bun.lock"),
    lists("pip", ""),
    Manifest {
        step: "poetry install --no-root",
        ..lists("poetry", "pyproject.toml poetry.lock")
    },
    Manifest {
        step: "uv sync --locked --no-install-project",
        ..lists("uv", "pyproject.toml uv.lock")
    },
    lists("pipenv", "Pipfile Pipfile.lock"),
    lists("bundle", "Gemfile Gemfile.lock"),
    Manifest {
        step: "composer install --no-scripts --no-autoloader",
        ..lists("composer", "composer.json composer.lock")
    },
    builds("go", "go.mod go.sum", "go mod download"),
    // It wants the sources even for fetching.
    Manifest {
        mount: "--mount=type=cache,target=/usr/local/cargo/registry",
        ..builds("cargo", "Cargo.toml Cargo.lock", "")
    },
    builds("maven", "pom.xml", "mvn dependency:go-offline"),
    builds("gradle", "build.gradle settings.gradle", "gradle dependencies"),
    builds("dotnet", "*.csproj", "dotnet restore"),
    builds("mix", "mix.exs mix.lock", "mix deps.get"),
];
